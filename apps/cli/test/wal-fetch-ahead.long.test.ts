/** `wal-fetch` through the script: one process of Node answers the first call, and then those that follow. */
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterFiles, eventually, startProcess, type RunningProcess } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newPostgresScene } from './postgres-scene.ts';
import {
  nameOf,
  onlyPrefetcher,
  prefetchers,
  restored,
  restoring,
  type RestoreScene,
} from './restore-scene.ts';
import { walqCommand } from './walq.ts';

/** Passed on unchanged, unlike most codes. */
const NODE_ANSWERED = 143;

const argsFor =
  ({ archive }: RestoreScene) =>
  (number: number): string[] => [
    'wal-fetch',
    nameOf(number),
    'pg_wal/RECOVERYXLOG',
    '--archive',
    archive,
  ];

const original = (number: number): Buffer => new ClusterFiles('anywhere').segment(nameOf(number));

/** After the first call. */
async function prefetching(): Promise<RestoreScene & { args: (number: number) => string[] }> {
  const scene = await restoring();
  const args = argsFor(scene);
  expect(await scene.callFastPath(args(1))).toEqual({ code: 0, stdout: '', stderr: '' });
  expect((await restored(scene)).equals(original(1))).toBe(true);
  return { ...scene, args };
}

test('what follows is delivered whole, and the script starts no other process', async () => {
  const { args, ...scene } = await prefetching();
  const alone = { PATH: scene.at('empty'), WALQ_NODE: 'no-such-node' };
  for (const number of [2, 3, 4]) {
    await rm(scene.cluster.walPath('RECOVERYXLOG'));
    const delivered = await scene.callFastPath(args(number), alone);
    expect(delivered).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await restored(scene)).equals(original(number))).toBe(true);
  }
  expect(await prefetchers(scene)).toHaveLength(1);
});

test.each(['dash', 'bash', 'busybox sh', 'zsh --emulate sh'])('%s does', async (shell) => {
  const [program = '', ...rest] = shell.split(' ');
  const path = ['/bin', '/usr/bin'].map((folder) => join(folder, program)).find(existsSync);
  if (path === undefined) return;
  const scene = await restoring();
  const args = argsFor(scene);
  const call = (number: number) => scene.callThrough([path, ...rest], args(number));
  expect(await call(1)).toEqual({ code: 0, stdout: '', stderr: '' });
  const withoutNode = { WALQ_NODE: 'no-such-node' };
  expect(await scene.callThrough([path, ...rest], args(2), withoutNode)).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  });
  expect((await restored(scene)).equals(original(2))).toBe(true);
  const ended = await scene.callThrough([path, ...rest], args(9));
  expect(ended).toEqual({ code: 1, stdout: '', stderr: '' });
});

test('what the archive lacks is left to Node, which answers', async () => {
  const { args, ...scene } = await prefetching();
  await rm(scene.cluster.walPath('RECOVERYXLOG'));
  expect((await scene.callWithoutNode(args(9), NODE_ANSWERED)).code).toBe(NODE_ANSWERED);
  expect(await scene.callFastPath(args(9))).toEqual({ code: 1, stdout: '', stderr: '' });
  expect(existsSync(scene.cluster.walPath('RECOVERYXLOG'))).toBe(false);
  expect(await scene.callWithoutNode(args(4))).toMatchObject({ code: 0 });
});

test('other arguments are left to Node', async () => {
  const { args, ...scene } = await prefetching();
  const other = [...args(2), '--timeout', '9s'];
  expect((await scene.callWithoutNode(other, NODE_ANSWERED)).code).toBe(NODE_ANSWERED);
  const elsewhere = args(2).with(2, 'pg_wal/ELSEWHERE');
  expect((await scene.callWithoutNode(elsewhere, NODE_ANSWERED)).code).toBe(NODE_ANSWERED);
  expect((await scene.callWithoutNode(args(2))).code).toBe(0);
});

test('another configuration is left to Node', async () => {
  const { archive, ...scene } = await restoring();
  await writeFile(
    scene.config,
    `[archive]\nurl = "${archive}"\n[sources.main]\ntype = "postgres"\npath = "main"\n`,
  );
  const args = (number: number) => [
    'wal-fetch',
    nameOf(number),
    'pg_wal/RECOVERYXLOG',
    '--config',
    scene.config,
  ];
  expect(await scene.callFastPath(args(1))).toEqual({ code: 0, stdout: '', stderr: '' });
  expect((await scene.callWithoutNode(args(2))).code).toBe(0);
  await writeFile(scene.config, '# another\n', { flag: 'a' });
  expect((await scene.callWithoutNode(args(3), NODE_ANSWERED)).code).toBe(NODE_ANSWERED);
  expect((await scene.callFastPath(args(3))).code).toBe(0);
  expect((await scene.callWithoutNode(args(4))).code).toBe(0);
});

test('a process that was killed while a file is requested is noticed, and another one takes over', async () => {
  const { args, ...scene } = await prefetching();
  const pid = await onlyPrefetcher(scene);
  process.kill(pid, 'SIGSTOP');
  const asked = scene.callWithoutNode(args(2), NODE_ANSWERED);
  process.kill(pid, 'SIGKILL');
  expect((await asked).code).toBe(NODE_ANSWERED);
  expect((await scene.callWithoutNode(args(2), NODE_ANSWERED)).code).toBe(NODE_ANSWERED);
  expect((await scene.callFastPath(args(2))).code).toBe(0);
  expect((await scene.callWithoutNode(args(3))).code).toBe(0);
  expect(await prefetchers(scene)).not.toContain(pid);
});

test('what a killed process left behind is never delivered', async () => {
  const { args, ...scene } = await prefetching();
  const pid = await onlyPrefetcher(scene);
  process.kill(pid, 'SIGKILL');
  await eventually(async () => expect(await prefetchers(scene)).toEqual([]));
  const [key = ''] = await readdir(scene.at('main.walq/fetched'));
  await writeFile(scene.at(`main.walq/fetched/${key}/${nameOf(2)}`), 'torn');
  expect((await scene.callWithoutNode(args(2), NODE_ANSWERED)).code).toBe(NODE_ANSWERED);
  expect((await scene.callFastPath(args(2))).code).toBe(0);
  expect((await restored(scene)).equals(original(2))).toBe(true);
});

test('no file appears for a shell that was killed, and another process takes over', async () => {
  const { args, ...scene } = await prefetching();
  const shell = await askingFrozen(scene, args(2));
  await shell.kill('SIGKILL');
  process.kill(await onlyPrefetcher(scene), 'SIGCONT');
  await eventually(async () => expect(await prefetchers(scene)).toEqual([]));
  expect(existsSync(scene.cluster.walPath('RECOVERYXLOG'))).toBe(false);
  expect((await scene.callFastPath(args(2))).code).toBe(0);
  expect((await scene.callWithoutNode(args(3))).code).toBe(0);
});

test('two calls at once both end, and neither takes the answer of the other', async () => {
  const { args, ...scene } = await prefetching();
  const shells = [await askingFrozen(scene, args(2)), await askingFrozen(scene, args(3))];
  process.kill(await onlyPrefetcher(scene), 'SIGCONT');
  for (const { exit } of shells) expect(await exit).toMatchObject({ code: NO_NODE });
  expect(existsSync(scene.cluster.walPath('RECOVERYXLOG'))).toBe(false);
});

test('the answer to an earlier call is not taken for that to this one', async () => {
  const { args, ...scene } = await prefetching();
  const pid = await onlyPrefetcher(scene);
  const shell = await askingFrozen(scene, args(2));
  const earlier = '6e1cd4ea-3b0e-4b0c-9d0e-0d6f7ab0c1d2';
  await writeFile(join(await pipesOf(scene), 'answer'), `ed yes\n${earlier} yes\n`);
  process.kill(pid, 'SIGKILL');
  expect(await shell.exit).toMatchObject({ code: NO_NODE });
  expect(existsSync(scene.cluster.walPath('RECOVERYXLOG'))).toBe(false);
});

test('a frozen process is not asked', async () => {
  const { args, ...scene } = await prefetching();
  const pid = await onlyPrefetcher(scene);
  process.kill(pid, 'SIGSTOP');
  const passed = new Date(Date.now() - 1_000);
  await utimes(join(await pipesOf(scene), 'alive'), passed, passed);
  expect((await scene.callWithoutNode(args(2), NODE_ANSWERED)).code).toBe(NODE_ANSWERED);
  process.kill(pid, 'SIGCONT');
  await eventually(async () =>
    expect((await scene.callWithoutNode(args(2), NODE_ANSWERED)).code).toBe(0),
  );
});

test('it ends when its directory is removed, and another process takes over', async () => {
  const { args, ...scene } = await prefetching();
  await rm(await pipesOf(scene), { recursive: true });
  await eventually(async () => expect(await prefetchers(scene)).toEqual([]));
  expect((await scene.callFastPath(args(2))).code).toBe(0);
  expect((await scene.callWithoutNode(args(3))).code).toBe(0);
});

const pipesOf = async ({ at }: RestoreScene): Promise<string> => {
  const [key = ''] = await readdir(at('main.walq/fetched'));
  return at(`main.walq/fetched/${key}`);
};

/** The code of a `wal-fetch` that cannot start Node. */
const NO_NODE = 200;

/** A shell that waits for the answer of the process, which is stopped then. */
async function askingFrozen(scene: RestoreScene, args: readonly string[]): Promise<RunningProcess> {
  process.kill(await onlyPrefetcher(scene), 'SIGSTOP');
  // However slow this machine is, the shell asks.
  const later = new Date(Date.now() + 60_000);
  await utimes(join(await pipesOf(scene), 'alive'), later, later);
  await rm(scene.cluster.walPath('RECOVERYXLOG'), { force: true });
  const shell = await scene.startFastPath(args, { WALQ_NODE: 'no-such-node' });
  await eventually(async () => expect(await isWaitingForAnswer(shell.pid)).toBe(true));
  return shell;
}

async function isWaitingForAnswer(pid: number): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const files = await Promise.all((await readdir(folder)).map((fd) => readlink(join(folder, fd))));
  const state = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1];
  return files.some((file) => file.endsWith('/answer')) && state?.startsWith('S') === true;
}

test('files of one server are not delivered to another that shares WALQ_STATE', async () => {
  const scene = await restoring();
  const args = argsFor(scene);
  const shared = { WALQ_STATE: scene.at('shared') };
  expect((await scene.callFastPath(args(1), shared)).code).toBe(0);
  const other = await newPostgresScene();
  const withoutNode = { ...shared, WALQ_NODE: 'no-such-node' };
  expect((await other.callFastPath(args(2), withoutNode)).code).toBe(200);
  expect((await scene.callFastPath(args(2), withoutNode)).code).toBe(0);
});

test('it ends with the server, and leaves nothing behind', async () => {
  const scene = await restoring();
  const pidFile = join(scene.cluster.dataDirectory, 'postmaster.pid');
  await writeFile(pidFile, '4711\n');
  expect((await scene.callFastPath(argsFor(scene)(1))).code).toBe(0);
  expect(await prefetchers(scene)).toHaveLength(1);
  await rm(pidFile);
  await eventually(async () => expect(await prefetchers(scene)).toEqual([]));
  const [key = ''] = await readdir(scene.at('main.walq/fetched'));
  expect(await readdir(scene.at(`main.walq/fetched/${key}`))).toEqual([]);
});

test.each([
  [
    'process 1 is the server',
    async ({ cluster }: RestoreScene) => {
      await writeFile(join(cluster.dataDirectory, 'postmaster.pid'), '1\n');
      return [];
    },
  ],
  ['it is turned off', async () => ['--ahead', '0']],
])('nothing is left running where %s', async (_, prepare) => {
  const scene = await restoring();
  const more = await prepare(scene);
  expect((await scene.callFastPath([...argsFor(scene)(1), ...more])).code).toBe(0);
  expect(await prefetchers(scene)).toEqual([]);
  expect(existsSync(scene.at('main.walq'))).toBe(false);
});

/** Stays the parent of Node, as a server that is process 1 becomes, and prints how Node ends. */
const PARENT = `trap '' USR1; WALQ_WAITING=$$ "$@" & wait $!; echo "ended with $?"`;

test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)(
  'it ends with 0 after %s, whoever has adopted it',
  async (signal) => {
    const scene = await restoring();
    const parent = await startProcess(
      '/bin/sh',
      ['-c', PARENT, 'sh', ...walqCommand, ...argsFor(scene)(1)],
      { cwd: scene.cluster.dataDirectory },
    );
    await eventually(async () => expect(await restored(scene)).toHaveLength(2 ** 20));
    const pid = await onlyPrefetcher(scene);
    process.kill(pid, signal);
    await parent.exit;
    expect(parent.stdout).toBe('ended with 0\n');
  },
);
