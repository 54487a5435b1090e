import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Disk } from '@walq/wal-core/internal';
import { namesIn, read, write } from './acting.ts';
import type { DiskTarget, DiskPromise } from './disk-conformance.ts';

const afterCut = async ({ powerCut }: DiskTarget): Promise<Disk> => {
  assert.ok(powerCut !== undefined);
  return powerCut();
};

export const powerCuts: readonly DiskPromise[] = [
  {
    promise: 'keep a file that was fsynced in a directory that was fsynced',
    test: async (place) => {
      const path = join(place.root, 'a');
      await write(place.disk, path, 'kept', true);
      await place.disk.syncDirectory(place.root);
      assert.equal(await read(await afterCut(place), path), 'kept');
    },
  },
  {
    promise: 'keep fsynced content, whatever happens to later writes',
    test: async (place) => {
      const path = join(place.root, 'a');
      const file = await place.disk.openNew(path);
      await file.write(Buffer.from('first'), 0);
      await file.sync();
      await place.disk.syncDirectory(place.root);
      await file.write(Buffer.from(' second'), 5);
      await file.close();
      const text = await read(await afterCut(place), path);
      assert.equal(text?.slice(0, 5), 'first');
    },
  },
  {
    promise: 'keep what another process wrote and this one fsynced',
    test: async (place) => {
      const path = join(place.root, 'a');
      await write(place.disk, path, 'kept');
      await place.disk.syncFile(path);
      await place.disk.syncDirectory(place.root);
      assert.equal(await read(await afterCut(place), path), 'kept');
    },
  },
  {
    promise: 'keep a link and a rename whose directory was fsynced',
    test: async (place) => {
      const at = (name: string): string => join(place.root, name);
      await write(place.disk, at('temporary'), 'text', true);
      await place.disk.link(at('temporary'), at('linked'));
      await place.disk.rename(at('temporary'), at('renamed'));
      await place.disk.syncDirectory(place.root);
      const disk = await afterCut(place);
      assert.deepEqual(await namesIn(disk, place.root), ['linked', 'renamed']);
      assert.equal(await read(disk, at('linked')), 'text');
      assert.equal((await disk.lstat(at('linked'))).inode, (await disk.lstat(at('renamed'))).inode);
    },
  },
  {
    promise: 'leave the old or the new file after a rename over it, and nothing else',
    test: async (place) => {
      const at = (name: string): string => join(place.root, name);
      await write(place.disk, at('a'), 'old', true);
      await place.disk.syncDirectory(place.root);
      await write(place.disk, at('b'), 'new', true);
      await place.disk.rename(at('b'), at('a'));
      const text = await read(await afterCut(place), at('a'));
      assert.ok(text === 'old' || text === 'new', text);
    },
  },
  {
    promise: 'keep an unlink whose directory was fsynced',
    test: async (place) => {
      const path = join(place.root, 'a');
      await write(place.disk, path, 'text', true);
      await place.disk.syncDirectory(place.root);
      await place.disk.unlink(path);
      await place.disk.syncDirectory(place.root);
      assert.equal(await read(await afterCut(place), path), undefined);
    },
  },
  {
    promise: 'keep new directories when each of their parents was fsynced',
    test: async (place) => {
      const path = join(place.root, 'd', 'e', 'a');
      for (const made of await place.disk.makeDirectory(join(place.root, 'd', 'e'))) {
        await place.disk.syncDirectory(join(made, '..'));
      }
      await write(place.disk, path, 'kept', true);
      await place.disk.syncDirectory(join(place.root, 'd', 'e'));
      assert.equal(await read(await afterCut(place), path), 'kept');
    },
  },
  {
    promise: 'leave a disk that can be written again',
    test: async (place) => {
      await write(place.disk, join(place.root, 'lost'), 'text');
      const disk = await afterCut(place);
      await write(disk, join(place.root, 'after'), 'text', true);
      await disk.syncDirectory(place.root);
      assert.equal(await read(disk, join(place.root, 'after')), 'text');
    },
  },
];
