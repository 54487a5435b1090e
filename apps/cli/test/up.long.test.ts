import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually, temporaryDirectory, type RunningProcess } from '@walq/test-support';
import { startWalq, walq } from './walq.ts';

/** A directory source with four segments, an archive that does not exist yet, and no Redis. */
async function withPlace({ state = 'state', workers = 1 } = {}) {
  const directory = await temporaryDirectory('up');
  for (const folder of ['wal', 'tmp']) await mkdir(directory.at(folder));
  for (const number of [1, 2, 3, 4]) {
    await writeFile(directory.at('wal', `wal-${number}`), `segment ${number}`);
  }
  await writeFile(
    directory.at('walq.toml'),
    `archive.url = "archive"
     dashboard.listen = "127.0.0.1:0"
     [sources.ledger]
     type = "directory"
     path = "wal"
     pattern = '^wal-(?<number>\\d+)$'
     after_archive = "delete"`,
  );
  const env = {
    XDG_STATE_HOME: directory.at(state),
    XDG_CACHE_HOME: directory.at('cache'),
    TMPDIR: directory.at('tmp'),
  };
  const options = { cwd: directory.path, env };
  return {
    directory,
    run: (...args: string[]) => walq(args, options),
    /** Resolves when every role is working. */
    up: async () => {
      const up = await startWalq(['up', '--workers', String(workers)], options);
      await untilReady(up, workers);
      return up;
    },
  };
}

async function untilReady(up: RunningProcess, workers: number): Promise<void> {
  await up.waitForLine(/producer ready/);
  for (let number = 1; number <= workers; number += 1) {
    await up.waitForLine(new RegExp(`worker-${number}.*worker ready`));
  }
  await up.waitForLine(/dashboard ready/);
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(pid)]);
  return stdout.trim().split('\n').map(Number);
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const untilGone = (pids: readonly number[]): Promise<unknown> =>
  eventually(() => {
    expect(pids.filter(isRunning)).toEqual([]);
  });

describe('walq up, without redis.url', () => {
  it('archives flushed segments, shows them in status and check, and shuts down cleanly', async () => {
    const { directory, run, up: start } = await withPlace({ workers: 2 });
    const up = await start();
    expect((await run('mark-flushed', 'ledger', 'wal-3')).code).toBe(0);
    await eventually(async () => {
      expect((await readdir(directory.at('wal'))).toSorted()).toEqual(['.walq', 'wal-4']);
    });
    // Workers write a heartbeat every few seconds.
    await eventually(async () => {
      const status = JSON.parse(
        (await run('status', '--json', '--max-age', '1m')).stdout,
      ) as object;
      expect(status).toMatchObject({
        redis: 'ok',
        sources: {
          ledger: {
            dueSegments: 0,
            dueBytes: 0,
            oldestDueAgeMs: null,
            lastArchived: { segment: 'wal-3' },
            gaps: [],
            quarantined: [],
          },
        },
        queues: { 'wal-archive-ledger': { waiting: 0, active: 0, delayed: 0, failed: 0 } },
        workers: [{ active: 0 }, { active: 0 }],
      });
    });
    const check = await run('check', '--json');
    expect(JSON.parse(check.stdout)).toMatchObject({ ok: true });
    const children = await childrenOf(up.pid);
    expect(await up.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    await untilGone(children);
    const down = JSON.parse((await run('status', '--json')).stdout) as object;
    expect(down).toMatchObject({ redis: 'none', sources: { ledger: { dueSegments: 0 } } });
  });

  it('leaves no process running when it is killed, and starts again after that', async () => {
    const { up: start } = await withPlace();
    const killed = await start();
    const children = await childrenOf(killed.pid);
    await killed.kill('SIGKILL');
    await untilGone(children);
    const up = await start();
    expect(await up.kill('SIGINT')).toEqual({ code: 0, signal: null });
  });

  it('keeps its Redis at a private socket, and does not use a socket of another user', async () => {
    const { directory, run, up: start } = await withPlace();
    const up = await start();
    const [folder = ''] = await readdir(directory.at('state', 'walq'));
    const at = directory.at('state', 'walq', folder);
    const { socket } = JSON.parse(await readFile(join(at, 'server.json'), 'utf8')) as {
      readonly socket: string;
    };
    expect((await stat(dirname(socket))).mode & 0o777).toBe(0o700);
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    expect(await readFile(join(at, 'redis.conf'), 'utf8')).toMatch(/^port 0$/m);
    expect(await up.kill('SIGTERM')).toEqual({ code: 0, signal: null });

    const heard: Buffer[] = [];
    const impostor = createServer((client) => client.on('data', (data) => void heard.push(data)));
    await rm(socket, { force: true });
    impostor.listen(socket);
    await once(impostor, 'listening');
    onTestFinished(() => void impostor.close());
    // As if another user had created the directory and its socket.
    await chmod(dirname(socket), 0o777);
    const status = await run('status', '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({ redis: 'none' });
    expect(Buffer.concat(heard).toString()).toBe('');
  });

  it('starts even if the path of its directory is too long for a socket', async () => {
    const { directory, up: start, run } = await withPlace({ state: 'x'.repeat(120) });
    const up = await start();
    expect(JSON.parse((await run('status', '--json')).stdout)).toMatchObject({ redis: 'ok' });
    expect(await up.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await readdir(directory.at('tmp'))).toEqual([]);
  });
});

describe('a running walq up', () => {
  let place: Awaited<ReturnType<typeof withPlace>>;
  let up: RunningProcess;

  beforeAll(async () => {
    place = await withPlace();
    up = await place.up();
  });

  afterAll(async () => {
    await up.kill();
    await place.directory.remove();
  });

  it('refuses a second start with the same configuration', async () => {
    const { code, stderr } = await place.run('up');
    expect(stderr).toContain(`belongs to process ${up.pid}, which is still running`);
    expect(code).toBe(1);
  });

  it('restarts a role that was killed', async () => {
    const ready = () => up.stdout.split('\n').filter((line) => line.includes('producer ready'));
    const [line = ''] = ready();
    process.kill(Number(/"pid":(\d+)/.exec(line)?.[1]), 'SIGKILL');
    await up.waitForLine(/producer ended \(SIGKILL\), restarting it/);
    await eventually(() => {
      expect(ready()).toHaveLength(2);
    });
  });

  it('ends immediately on a second Ctrl-C, with all its children', async () => {
    const children = await childrenOf(up.pid);
    // A child that does not end delays the clean shutdown.
    for (const pid of children) process.kill(pid, 'SIGSTOP');
    up.send('SIGINT');
    await up.waitForLine(/send the signal again to exit immediately/);
    expect(await up.kill('SIGINT')).toEqual({ code: 130, signal: null });
    await untilGone(children);
  });
});
