import assert from 'node:assert/strict';
import { join } from 'node:path';
import { namesIn, read, rejects, write } from './acting.ts';
import type { DiskPromise } from './disk-conformance.ts';

export const calls: readonly DiskPromise[] = [
  {
    promise: 'reads what was written, and nothing after the end',
    test: async ({ disk, root }) => {
      await write(disk, join(root, 'a'), 'some text');
      assert.equal(await read(disk, join(root, 'a')), 'some text');
      const file = await disk.openRead(join(root, 'a'));
      assert.equal(await file.read(Buffer.alloc(4), 7), 2);
      assert.equal(await file.read(Buffer.alloc(4), 9), 0);
      assert.equal(await file.read(Buffer.alloc(4), 100), 0);
      await file.close();
    },
  },
  {
    promise: 'fills a hole with zeros, and truncates',
    test: async ({ disk, root }) => {
      const file = await disk.openNew(join(root, 'a'));
      await file.write(Buffer.from('end'), 3);
      assert.equal(await read(disk, join(root, 'a')), '\0\0\0end');
      await file.truncate(1);
      assert.equal((await file.stat()).size, 1n);
      await file.truncate(3);
      assert.equal(await read(disk, join(root, 'a')), '\0\0\0');
      await file.close();
    },
  },
  {
    promise: 'does not create a file under an existing name of any kind',
    test: async ({ disk, root, symlink }) => {
      await write(disk, join(root, 'a'), 'first');
      await disk.makeDirectory(join(root, 'd'));
      await symlink(join(root, 'nowhere'), join(root, 'l'));
      for (const name of ['a', 'd', 'l']) await rejects(disk.openNew(join(root, name)), 'EEXIST');
      assert.equal(await read(disk, join(root, 'a')), 'first');
      await rejects(disk.openNew(join(root, 'missing', 'b')), 'ENOENT');
      await rejects(disk.openNew(join(root, 'a', 'b')), 'ENOTDIR');
    },
  },
  {
    promise: 'does not follow a link as the last name, and does earlier in the path',
    test: async ({ disk, root, symlink }) => {
      await disk.makeDirectory(join(root, 'd'));
      await write(disk, join(root, 'd', 'a'), 'text');
      await symlink(join(root, 'd', 'a'), join(root, 'file'));
      await symlink(join(root, 'd'), join(root, 'way'));
      await rejects(disk.openRead(join(root, 'file')), 'ELOOP');
      await rejects(disk.openExisting(join(root, 'file')), 'ELOOP');
      assert.equal((await disk.lstat(join(root, 'file'))).kind, 'symlink');
      assert.equal((await disk.lstat(join(root, 'way'))).kind, 'symlink');
      assert.equal((await disk.lstat(`${root}/way/.`)).kind, 'directory');
      assert.equal(await read(disk, join(root, 'way', 'a')), 'text');
      assert.deepEqual(await namesIn(disk, join(root, 'way')), ['a']);
    },
  },
  {
    promise: 'reports a missing file as missing',
    test: async ({ disk, root }) => {
      const path = join(root, 'missing');
      await rejects(disk.openRead(path), 'ENOENT');
      await rejects(disk.openExisting(path), 'ENOENT');
      await rejects(disk.lstat(path), 'ENOENT');
      await rejects(disk.unlink(path), 'ENOENT');
      await rejects(disk.link(path, join(root, 'b')), 'ENOENT');
      await rejects(disk.rename(path, join(root, 'b')), 'ENOENT');
      await rejects(disk.syncDirectory(path), 'ENOENT');
      await rejects(disk.syncFile(path), 'ENOENT');
      await rejects(namesIn(disk, path), 'ENOENT');
      await rejects(disk.space(path), 'ENOENT');
    },
  },
  {
    promise: 'distinguishes files and directories',
    test: async ({ disk, root }) => {
      await write(disk, join(root, 'a'), 'text');
      await disk.makeDirectory(join(root, 'd'));
      await rejects(namesIn(disk, join(root, 'a')), 'ENOTDIR');
      await rejects(disk.syncDirectory(join(root, 'a')), 'ENOTDIR');
      await rejects(disk.lstat(join(root, 'a', 'b')), 'ENOTDIR');
      await rejects(disk.lstat(`${root}/a/.`), 'ENOTDIR');
      await rejects(disk.unlink(join(root, 'd')), 'EISDIR', 'EPERM');
      await rejects(disk.openExisting(join(root, 'd')), 'EISDIR');
      await rejects(disk.link(join(root, 'd'), join(root, 'e')), 'EPERM');
      const directory = await disk.openRead(join(root, 'd'));
      await rejects(directory.read(Buffer.alloc(1), 0), 'EISDIR');
      await directory.close();
    },
  },
  {
    promise: 'creates directories with their parents, and returns the new ones',
    test: async ({ disk, root }) => {
      const [a, b] = [join(root, 'a'), join(root, 'a', 'b')];
      assert.deepEqual(await disk.makeDirectory(b), [a, b]);
      assert.deepEqual(await disk.makeDirectory(b), []);
      await write(disk, join(root, 'file'), '');
      await rejects(disk.makeDirectory(join(root, 'file')), 'EEXIST');
      await rejects(disk.makeDirectory(join(root, 'file', 'c')), 'ENOTDIR');
    },
  },
  {
    promise: 'refuses a name of more than 255 bytes',
    test: async ({ disk, root }) => {
      await write(disk, join(root, 'x'.repeat(255)), '');
      await rejects(disk.openNew(join(root, 'x'.repeat(256))), 'ENAMETOOLONG');
      await rejects(disk.lstat(join(root, 'x'.repeat(256))), 'ENAMETOOLONG');
    },
  },
  {
    promise: 'reports the free space',
    test: async ({ disk, root }) => {
      const { freeBytes, sizeBytes } = await disk.space(root);
      assert.ok(freeBytes > 0 && freeBytes <= sizeBytes);
    },
  },
];

export const handles: readonly DiskPromise[] = [
  {
    promise: 'reads and writes an open file that has lost its name',
    test: async ({ disk, root }) => {
      const path = join(root, 'a');
      const file = await disk.openNew(path);
      await file.write(Buffer.from('kept'), 0);
      await disk.unlink(path);
      await write(disk, path, 'another');
      const buffer = Buffer.alloc(4);
      assert.equal(await file.read(buffer, 0), 4);
      assert.equal(buffer.toString(), 'kept');
      await file.write(Buffer.from('more'), 4);
      assert.equal((await file.stat()).size, 8n);
      await file.sync();
      await file.close();
      assert.equal(await read(disk, path), 'another');
    },
  },
  {
    promise: 'keeps the opened file, whatever replaces its name',
    test: async ({ disk, root }) => {
      const [a, b] = [join(root, 'a'), join(root, 'b')];
      await write(disk, a, 'old');
      await write(disk, b, 'new');
      const file = await disk.openRead(a);
      await disk.rename(b, a);
      const buffer = Buffer.alloc(3);
      await file.read(buffer, 0);
      assert.equal(buffer.toString(), 'old');
      await file.close();
    },
  },
  {
    promise: 'shows immediately through one handle what another has written',
    test: async ({ disk, root }) => {
      const path = join(root, 'a');
      const writer = await disk.openNew(path);
      const reader = await disk.openRead(path);
      await writer.write(Buffer.from('seen'), 0);
      const buffer = Buffer.alloc(4);
      assert.equal(await reader.read(buffer, 0), 4);
      const again = await disk.openExisting(path);
      await again.write(Buffer.from('n'), 3);
      await reader.read(buffer, 0);
      assert.equal(buffer.toString(), 'seen'.slice(0, 3) + 'n');
      for (const file of [writer, reader, again]) await file.close();
    },
  },
  {
    promise: 'does not write through a handle for reading, but fsyncs through it',
    test: async ({ disk, root }) => {
      await write(disk, join(root, 'a'), 'text');
      const file = await disk.openRead(join(root, 'a'));
      await rejects(file.write(Buffer.from('x'), 0), 'EBADF');
      await file.sync();
      await file.close();
      await disk.syncFile(join(root, 'a'));
      await disk.syncDirectory(root);
    },
  },
];
