import { execFile } from 'node:child_process';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { eventually, startRedis, type RunningProcess } from '@walq/test-support';
import { mayMount, mountSmall, remount } from '../e2e/filesystem.ts';
import { Ext4, mayCutPower } from '../power-cut/ext4.ts';
import { MEBIBYTE, type Scene } from '../scene/index.ts';
import { newest, twoSources, writeAndFlush, type TwoSources } from './two-sources.ts';

const run = promisify(execFile);

const disks: readonly { whose: string; says: RegExp; at: (scene: Scene) => string }[] = [
  { whose: 'a source', says: /source 'orders'/, at: ({ source }) => source },
  { whose: 'an archive', says: /archive .* is not available/, at: ({ archive }) => archive },
];

test.runIf(mayCutPower).each(disks)(
  'the disk of $whose gives I/O errors in mid-work until it is mounted again: nothing is lost',
  async ({ says, at }) => {
    const sources = await twoSources((await startRedis()).url);
    const disk = await ext4At(at(sources.scene));
    const [producer, worker] = await startAndBegin(sources);
    await run('sync', ['--file-system', disk.path]);
    await disk.shutDown();
    await worker.waitForLine((line) => /"level":[45]0/.test(line) && says.test(line));

    await expectOtherContinues(sources);
    await eventually(() => disk.startAgain());
    await expectAllArchived(sources, [producer, worker]);
  },
);

test.runIf(mayMount)(
  'an archive is remounted read-only in mid-work and then back: nothing is lost',
  async () => {
    const sources = await twoSources((await startRedis()).url);
    const { archive } = sources.scene;
    await mountSmall(archive, 64 * MEBIBYTE);
    // Each segment is a batch of its own: between two of them no file is open for writing, and a remount is not refused.
    const [producer, worker] = await startAndBegin(sources, 16 * MEBIBYTE);
    await eventually(() => remount(archive, 'ro'), { everyMs: 1 });
    await worker.waitForLine(/Remount the archive writable.* is not available/);

    await expectOtherContinues(sources);
    await remount(archive, 'rw');
    await expectAllArchived(sources, [producer, worker]);
  },
);

/** In place of an empty directory, until the test ends. */
async function ext4At(path: string): Promise<Ext4> {
  await rmdir(path);
  const disk = await Ext4.mountedAt(path);
  onTestFinished(() => eventually(() => disk.unmount()));
  await rmdir(join(path, 'lost+found'));
  return disk;
}

/** Both roles, and a worker in the middle of the first segments. */
async function startAndBegin(
  { scene }: TwoSources,
  bytes?: number,
): Promise<[RunningProcess, RunningProcess]> {
  const producer = await scene.start('producer');
  const worker = await scene.start('worker', '--concurrency', '1');
  await writeAndFlush(scene, bytes);
  await scene.newlyStaged();
  return [producer, worker];
}

async function expectOtherContinues({ other }: TwoSources): Promise<void> {
  await writeAndFlush(other);
  await other.untilLeft([newest]);
}

async function expectAllArchived(
  { scene, other }: TwoSources,
  roles: readonly RunningProcess[],
): Promise<void> {
  await scene.untilLeft([newest]);
  for (const role of roles) {
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }
  for (const one of [scene, other]) {
    expect(await one.faultsAtTheEnd({ left: [newest] })).toEqual([]);
  }
}
