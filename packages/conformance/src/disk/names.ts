import assert from 'node:assert/strict';
import { join } from 'node:path';
import { namesIn, read, rejects, write } from './acting.ts';
import type { DiskPromise } from './disk-conformance.ts';

export const names: readonly DiskPromise[] = [
  {
    promise: 'links a file under a second name, and never replaces a file by it',
    test: async ({ disk, root }) => {
      const [a, b] = [join(root, 'a'), join(root, 'b')];
      await write(disk, a, 'first');
      await disk.link(a, b);
      const [one, two] = [await disk.lstat(a), await disk.lstat(b)];
      assert.deepEqual([one.device, one.inode], [two.device, two.inode]);
      await write(disk, join(root, 'c'), 'other');
      await rejects(disk.link(join(root, 'c'), b), 'EEXIST');
      await rejects(disk.link(a, b), 'EEXIST');
      assert.equal(await read(disk, b), 'first');
    },
  },
  {
    promise: 'links a symbolic link itself, not its target',
    test: async ({ disk, root, symlink }) => {
      await symlink(join(root, 'a'), join(root, 'l'));
      await disk.link(join(root, 'l'), join(root, 'm'));
      assert.equal((await disk.lstat(join(root, 'm'))).kind, 'symlink');
    },
  },
  {
    promise: 'replaces a file by a rename, and keeps the moved file',
    test: async ({ disk, root }) => {
      const [a, b] = [join(root, 'a'), join(root, 'b')];
      await write(disk, a, 'new');
      await write(disk, b, 'old');
      const { inode } = await disk.lstat(a);
      await disk.rename(a, b);
      assert.equal((await disk.lstat(b)).inode, inode);
      assert.equal(await read(disk, b), 'new');
      assert.deepEqual(await namesIn(disk, root), ['b']);
    },
  },
  {
    promise: 'does nothing when it renames between two names of one file',
    test: async ({ disk, root }) => {
      const [a, b] = [join(root, 'a'), join(root, 'b')];
      await write(disk, a, 'text');
      await disk.link(a, b);
      await disk.rename(a, b);
      assert.deepEqual(await namesIn(disk, root), ['a', 'b']);
    },
  },
  {
    promise:
      'moves between directories, and not onto an entry of another kind or a directory that is not empty',
    test: async ({ disk, root }) => {
      await disk.makeDirectory(join(root, 'd', 'full'));
      await disk.makeDirectory(join(root, 'e'));
      await write(disk, join(root, 'a'), 'text');
      await rejects(disk.rename(join(root, 'a'), join(root, 'd')), 'EISDIR');
      await rejects(disk.rename(join(root, 'd'), join(root, 'a')), 'ENOTDIR');
      await rejects(disk.rename(join(root, 'e'), join(root, 'd')), 'ENOTEMPTY');
      await disk.rename(join(root, 'a'), join(root, 'd', 'b'));
      assert.equal(await read(disk, join(root, 'd', 'b')), 'text');
      await disk.rename(join(root, 'd'), join(root, 'e'));
      assert.deepEqual(await namesIn(disk, join(root, 'e')), ['b', 'full']);
    },
  },
  {
    promise: 'lists existing names, hidden ones too, and no removed ones',
    test: async ({ disk, root }) => {
      for (const name of ['a', '.b', 'c']) await write(disk, join(root, name), '');
      await disk.unlink(join(root, 'c'));
      assert.deepEqual(await namesIn(disk, root), ['.b', 'a']);
      await disk.makeDirectory(join(root, 'empty'));
      assert.deepEqual(await namesIn(disk, join(root, 'empty')), []);
    },
  },
  {
    promise: 'has one winner among concurrent creators of one name',
    test: async ({ disk, root }) => {
      await write(disk, join(root, 'a'), 'text');
      const tries = Array.from({ length: 20 }, (_, n) =>
        n % 2 ? disk.link(join(root, 'a'), join(root, 'b')) : disk.openNew(join(root, 'b')),
      );
      const ends = await Promise.allSettled(tries);
      assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const end of ends) if (end.status === 'fulfilled') await end.value?.close();
    },
  },
];
