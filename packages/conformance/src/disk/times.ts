import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fingerprintOf, sameFingerprint } from '@walq/wal-core/internal';
import { read, write } from './acting.ts';
import type { DiskPromise } from './disk-conformance.ts';

/** Comparing two states of a file shows that it was changed in between. */
const seenAfter = (
  change: string,
  make: (disk: Parameters<DiskPromise['test']>[0]['disk'], root: string) => Promise<void>,
): DiskPromise => ({
  promise: `shows that a file was ${change} since it was last checked`,
  test: async ({ disk, root, tick }) => {
    const path = join(root, 'a');
    await write(disk, path, 'text');
    const before = fingerprintOf(await disk.lstat(path));
    await tick();
    await make(disk, root);
    const after = fingerprintOf(await disk.lstat(path));
    assert.ok(!sameFingerprint(before, after));
    assert.ok(after.ctimeNs >= before.ctimeNs);
  },
});

export const times: readonly DiskPromise[] = [
  seenAfter('written', async (disk, root) => {
    const file = await disk.openExisting(join(root, 'a'));
    await file.write(Buffer.from('TEXT'), 0);
    await file.close();
  }),
  seenAfter('shortened', async (disk, root) => {
    const file = await disk.openExisting(join(root, 'a'));
    await file.truncate(2);
    await file.close();
  }),
  seenAfter('given another name', (disk, root) => disk.link(join(root, 'a'), join(root, 'b'))),
  seenAfter('moved away and back', async (disk, root) => {
    await disk.rename(join(root, 'a'), join(root, 'b'));
    await disk.rename(join(root, 'b'), join(root, 'a'));
  }),
  seenAfter('replaced by a copy', async (disk, root) => {
    await write(disk, join(root, 'b'), 'text');
    await disk.rename(join(root, 'b'), join(root, 'a'));
  }),
  {
    promise: 'leaves the state of a file unchanged when it is only read, listed or fsynced',
    test: async ({ disk, root, tick }) => {
      const path = join(root, 'a');
      await write(disk, path, 'text', true);
      const before = await disk.lstat(path);
      await tick();
      await read(disk, path);
      await disk.syncFile(path);
      await disk.syncDirectory(root);
      await write(disk, join(root, 'neighbour'), 'text');
      assert.deepEqual(await disk.lstat(path), before);
    },
  },
];
