import { existsSync, renameSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterFiles } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newPostgresScene } from './postgres-scene.ts';
import { nameOf, restored, restoring, type RestoreScene } from './restore-scene.ts';

test('a segment and a history come back as they were', async () => {
  const scene = await restoring();
  const args = ['wal-fetch', nameOf(2), 'pg_wal/RECOVERYXLOG', '--archive', scene.archive];
  const fetched = await scene.callFastPath([...args, '--ahead', '0']);
  expect(fetched).toEqual({ code: 0, stdout: '', stderr: '' });
  const origin = new ClusterFiles('anywhere');
  expect((await restored(scene)).equals(origin.segment(nameOf(2)))).toBe(true);
  expect((await scene.fetch('00000002.history')).code).toBe(0);
  expect((await restored(scene)).toString()).toBe('1\t0/200000\tbecause\n');
  expect(existsSync(scene.at('main.walq'))).toBe(false);
});

test('an empty WALQ_STATE counts as none: nothing of walq comes into the data directory', async () => {
  const scene = await restoring();
  const names = () => readdir(scene.cluster.dataDirectory);
  const before = await names();
  const args = ['wal-fetch', nameOf(2), 'pg_wal/RECOVERYXLOG', '--archive', scene.archive];
  expect((await scene.callFastPath(args, { WALQ_STATE: '' })).code).toBe(0);
  await rm(scene.cluster.walPath('RECOVERYXLOG'));
  expect(await readdir(scene.at('main.walq'))).toContain('fetched');
  expect(await names()).toEqual(before);
});

test('1 says that the archive was asked and has no such file', async () => {
  const scene = await restoring();
  for (const name of [nameOf(9), '00000003.history', `${nameOf(9)}.00000028.backup`]) {
    expect(await scene.fetch(name)).toMatchObject({ code: 1, stdout: '', stderr: '' });
  }
  const args = ['wal-fetch', nameOf(9), 'pg_wal/RECOVERYXLOG', '--archive', scene.archive];
  expect(await scene.callFastPath(args)).toEqual({ code: 1, stdout: '', stderr: '' });
  expect(existsSync(scene.cluster.walPath('RECOVERYXLOG'))).toBe(false);
});

test.each<[string, (scene: RestoreScene) => Promise<readonly string[]>]>([
  [
    'an archive that is away',
    async ({ archive }) => {
      await rename(archive, `${archive}-away`);
      return ['--timeout', '1s'];
    },
  ],
  [
    'an archive that is not mounted',
    async ({ archive }) => {
      await unmount(archive);
      return ['--timeout', '1s'];
    },
  ],
  ['a source that the archive does not know', async () => ['--source', 'other']],
  [
    'a damaged object',
    async ({ archive }) => {
      await damage(join(archive, 'main/0000000100000000', `${nameOf(2)}.zst`));
      return [];
    },
  ],
  ['a wrong option', async () => ['--no-such-option']],
  ['a configuration that is not there', async () => ['--config', '/no/such/file', '--archive']],
])('%s ends recovery instead of promoting the server', async (_, prepare) => {
  const scene = await restoring();
  const result = await scene.fetch(nameOf(2), ...(await prepare(scene)));
  expect(result.stderr).toContain('hint:');
  expect(result.code).toBe(200);
  expect(existsSync(scene.cluster.walPath('RECOVERYXLOG'))).toBe(false);
});

test('a standby asks again for what may heal, and stops for what cannot', async () => {
  const scene = await restoring();
  await writeFile(join(scene.cluster.dataDirectory, 'standby.signal'), '');
  await rename(scene.archive, `${scene.archive}-away`);
  const away = await scene.fetch(nameOf(2), '--source', 'main', '--timeout', '1s');
  expect(away.code).toBe(1);
  expect(away.stderr).toContain('mount it');
  await rename(`${scene.archive}-away`, scene.archive);
  await damage(join(scene.archive, 'main/0000000100000000', `${nameOf(2)}.zst`));
  expect((await scene.fetch(nameOf(2), '--timeout', '10s')).code).toBe(200);
});

test('a standby asks again while the archive is not mounted', async () => {
  const scene = await restoring();
  await writeFile(join(scene.cluster.dataDirectory, 'standby.signal'), '');
  await unmount(scene.archive);
  for (const more of [['--source', 'main'], []]) {
    const away = await scene.fetch(nameOf(2), ...more);
    expect(away.stderr).toContain('is mounted');
    expect(away.code).toBe(1);
  }
});

test('an archive that comes back in time is as good as one that was never away', async () => {
  const scene = await restoring();
  await rename(scene.archive, `${scene.archive}-away`);
  const fetching = scene.fetch(nameOf(2), '--timeout', '30s', '--ahead', '0');
  // Nothing outside shows its first attempt: it has tried a moment after its start.
  setTimeout(() => renameSync(`${scene.archive}-away`, scene.archive), 2_000);
  expect(await fetching).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  [[], 1],
  [['--debug'], 9],
  [[], 13],
])('what Node ends with by itself is no absence: %j %i', async (first, code) => {
  const scene = await newPostgresScene();
  const args = [...first, 'wal-fetch', nameOf(1), 'pg_wal/RECOVERYXLOG'];
  expect((await scene.callWithoutNode(args, code)).code).toBe(200);
});

test('no Node at all is no absence, wherever the options stand', async () => {
  const scene = await newPostgresScene();
  const args = ['--config', scene.config, 'wal-fetch', nameOf(1), 'pg_wal/RECOVERYXLOG'];
  expect((await scene.callFastPath(args, { WALQ_NODE: 'no-such-node' })).code).toBe(200);
});

/** What is left of an archive is the place where it was mounted. */
async function unmount(archive: string): Promise<void> {
  await rename(archive, `${archive}-away`);
  await mkdir(archive);
}

async function damage(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.from('damaged'), 0, 7, 60);
  await file.close();
}

test('a process that was killed stops a recovery, and a standby asks again', async () => {
  const { cluster, callWithoutNode } = await newPostgresScene();
  const killed = () => callWithoutNode(['wal-fetch', nameOf(1), 'pg_wal/RECOVERYXLOG'], 137);
  expect((await killed()).code).toBe(200);
  await writeFile(join(cluster.dataDirectory, 'standby.signal'), '');
  expect((await killed()).code).toBe(1);
});
