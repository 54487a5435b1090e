import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DiskPromise } from './disk-conformance.ts';
import { read, rejects, write } from './acting.ts';

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
    promise: 'keeps the file that was opened, whatever takes its name',
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
    promise: 'shows through one handle at once what another has written',
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
