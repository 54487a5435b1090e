import { existsSync } from 'node:fs';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@walq/test-support';
import { expect, onTestFinished, test } from 'vitest';
import { newPostgresScene } from './postgres-scene.ts';
import {
  endFetchingAhead,
  fetchedDirectory,
  nameOf,
  restored,
  restoring,
} from './restore-scene.ts';
import { startWalq, walqProcess } from './walq.ts';

/** Passed on unchanged, unlike most codes. */
const NODE_ANSWERED = 143;

test('what follows is handed over without Node, whole', async () => {
  const scene = await restoring();
  const args = (number: number) => [
    'wal-fetch',
    nameOf(number),
    'pg_wal/RECOVERYXLOG',
    '--archive',
    scene.archive,
  ];
  expect((await scene.call(args(1))).code).toBe(0);
  const directory = await fetchedDirectory(scene);
  await eventually(async () =>
    expect((await readdir(directory)).filter((name) => /^[0-9A-F]{24}$/.test(name))).toHaveLength(
      3,
    ),
  );
  expect(await scene.callWithoutNode(args(2))).toMatchObject({ code: 0, stderr: '' });
  expect((await restored(scene)).equals(scene.cluster.segment(nameOf(2)))).toBe(true);
  expect((await scene.callWithoutNode(args(2), NODE_ANSWERED)).code).toBe(NODE_ANSWERED);
  expect((await scene.callWithoutNode([...args(3), '--timeout', '9s'], NODE_ANSWERED)).code).toBe(
    NODE_ANSWERED,
  );
  expect((await scene.callWithoutNode(args(3))).code).toBe(0);
});

test('who was just asked to fetch ahead is waited for without Node, and nobody else', async () => {
  const scene = await restoring();
  const args = ['wal-fetch', nameOf(2), 'pg_wal/RECOVERYXLOG', '--archive', scene.archive];
  expect((await scene.fetch(nameOf(1))).code).toBe(0);
  const directory = await fetchedDirectory(scene);
  await endFetchingAhead(scene.archive);
  const asked = (secondsAgo: number) => {
    const at = Date.now() / 1000 - secondsAgo;
    return utimes(join(directory, 'requested'), at, at);
  };
  await asked(60);
  expect((await scene.callWithoutNode(args, NODE_ANSWERED)).code).toBe(NODE_ANSWERED);
  // In the future, so that a slow machine has no less time.
  await asked(-5);
  const fetched = scene.callWithoutNode(args, NODE_ANSWERED);
  await writeFile(join(directory, 'boot'), await readFile('/proc/sys/kernel/random/boot_id'));
  await writeFile(join(directory, nameOf(2)), scene.cluster.segment(nameOf(2)));
  expect((await fetched).code).toBe(0);
});

test('what was fetched ahead for one server is not handed to another that shares WALQ_STATE', async () => {
  const scene = await restoring();
  const shared = { WALQ_STATE: scene.at('shared') };
  const args = (number: number) => [
    'wal-fetch',
    nameOf(number),
    'pg_wal/RECOVERYXLOG',
    '--archive',
    scene.archive,
  ];
  expect((await scene.call(args(1), shared)).code).toBe(0);
  onTestFinished(() => endFetchingAhead(scene.archive));
  const [key = ''] = await readdir(scene.at('shared/fetched'));
  const lies = scene.at(`shared/fetched/${key}/${nameOf(2)}`);
  await eventually(() => expect(existsSync(lies)).toBe(true));
  const other = await newPostgresScene();
  const withoutNode = { ...shared, WALQ_NODE: 'no-such-node' };
  expect((await other.callFastPath(args(2), withoutNode)).code).toBe(200);
  expect((await scene.callFastPath(args(2), withoutNode)).code).toBe(0);
});

test('it fetches ahead also for a call whose options stand first', async () => {
  const scene = await restoring();
  const fetch = ['wal-fetch', nameOf(1), 'pg_wal/RECOVERYXLOG', '--archive', scene.archive];
  expect((await scene.call(['--debug', ...fetch])).code).toBe(0);
  const directory = await fetchedDirectory(scene);
  await eventually(async () => expect(await readdir(directory)).toContain(nameOf(4)));
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)(
  'what fetches ahead ends with 0 after %s, whoever has adopted it',
  async (signal) => {
    const scene = await restoring();
    const args = ['wal-fetch-ahead', nameOf(1), 'X', '--archive', scene.archive];
    const running = await startWalq(args, { cwd: scene.cluster.dataDirectory });
    const fetched = scene.at('main.walq/fetched');
    await eventually(async () => {
      const [key = ''] = await readdir(fetched);
      expect(await readdir(join(fetched, key))).toContain('fetching');
    });
    expect(await running.kill(signal)).toMatchObject({ code: 0 });
  },
);

test.each([
  [['wal-fetch-ahead', '--no-such-option']],
  [['wal-fetch-ahead', nameOf(1), 'X', '--archive', '/no/such/archive']],
])('what fetches ahead ends with 0 where it fails: %j', async (args) => {
  const { cluster } = await newPostgresScene();
  expect(await walqProcess(args, { cwd: cluster.dataDirectory })).toMatchObject({ code: 0 });
});
