import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess, temporaryDirectory } from '@walq/test-support';
import { createThreadPool, type Threads, type ThreadPoolOptions } from '@walq/wal-core/internal';
import { expect, onTestFinished, test, vi } from 'vitest';

const entryOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function poolOf(name: string, options: Partial<ThreadPoolOptions> = {}): Threads {
  const pool = createThreadPool({ parallelism: 2, entry: entryOf(name), ...options });
  onTestFinished(() => pool.close());
  return pool;
}

const never = new AbortController().signal;

const run = (pool: Threads, sourcePath: string) => pool.checksum({ sourcePath }, never);

const died = { code: 'thread-died', class: 'retryable' };

test.each(['exit', 'memory', 'reject', 'throw'])(
  'a thread that dies by %s fails its own call; waiting calls run in a new thread',
  async (death) => {
    const pool = poolOf('deadly-thread.mjs');
    const paths = [death, death, 'a', 'b', death, 'c', 'd'];
    const calls = await Promise.allSettled(paths.map((path) => run(pool, path)));
    for (const [index, path] of paths.entries()) {
      const expected =
        path === death
          ? { status: 'rejected', reason: died }
          : { status: 'fulfilled', value: { path } };
      expect(calls[index]).toMatchObject(expected);
    }
    expect(await run(pool, 'e')).toEqual({ path: 'e' });
    await pool.close();
  },
);

test.each(['throw', 'exit'])(
  'threads that die while they start (%s) fail every call, and run calls once they can start',
  async (how) => {
    const directory = await temporaryDirectory('threads');
    vi.stubEnv('WALQ_TEST_STILLBORN', how);
    vi.stubEnv('WALQ_TEST_STILLBORN_WHILE', directory.at('broken'));
    onTestFinished(() => void vi.unstubAllEnvs());
    await writeFile(directory.at('broken'), '');
    const pool = poolOf('stillborn-thread.mjs');
    for (let round = 0; round < 3; round += 1) {
      const calls = await Promise.allSettled(['a', 'b', 'c'].map((path) => run(pool, path)));
      for (const call of calls) expect(call).toMatchObject({ status: 'rejected', reason: died });
    }
    await rm(directory.at('broken'));
    expect(await run(pool, 'a')).toEqual({ path: 'a' });
  },
);

test('closing waits for the calls in flight, and for those that wait for a thread', async () => {
  const pool = poolOf('deadly-thread.mjs');
  const calls = ['a', 'b', 'c', 'd', 'e'].map((path) => run(pool, path));
  await pool.close();
  expect(await Promise.all(calls)).toHaveLength(5);
  await expect(run(pool, 'f')).rejects.toMatchObject({ code: 'cancelled' });
});

test('closing terminates stuck threads, and cancels their calls and waiting ones', async () => {
  const pool = poolOf('deadly-thread.mjs', { closeMsMax: 100 });
  const calls = ['stuck', 'stuck', 'a'].map((path) => run(pool, path));
  const settled = Promise.allSettled(calls);
  await pool.close();
  for (const call of await settled) {
    expect(call).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } });
  }
});

test('a call that is cancelled while it waits for a thread never starts', async () => {
  const pool = poolOf('deadly-thread.mjs', { parallelism: 1 });
  const abort = new AbortController();
  const first = run(pool, 'a');
  const second = pool.checksum({ sourcePath: 'exit' }, abort.signal);
  abort.abort();
  await expect(second).rejects.toMatchObject({ code: 'cancelled' });
  expect(await first).toEqual({ path: 'a' });
});

test.each([
  ['--input-type=module', '--eval'],
  ['--input-type=module', '-e'],
])('a program on the command line (%s %s) has threads like any other', async (...flags) => {
  const { path } = await temporaryDirectory('eval');
  await writeFile(`${path}/a`, 'content');
  const program = `
      import { createThreadPool } from '@walq/wal-core';
      const pool = createThreadPool({ parallelism: 1 });
      const found = await pool.checksum({ sourcePath: '${path}/a' }, new AbortController().signal);
      await pool.close();
      console.log(found.bytes);`;
  const cwd = join(import.meta.dirname, '../..');
  const run = await startProcess(process.execPath, [...flags, program], { cwd });
  expect({ ...(await run.exit), stdout: run.stdout, stderr: run.stderr }).toMatchObject({
    code: 0,
    stdout: '7\n',
  });
});
