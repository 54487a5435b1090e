import {
  failOperation,
  faultyDisk,
  simulatedDisk,
  SimulatedFilesystem,
  type SimulatedDisk,
  type SimulatedDiskOptions,
} from '@walq/conformance';
import type { Disk } from '@walq/wal-core/internal';
import fc from 'fast-check';
import { expect, test } from 'vitest';

interface Machine {
  readonly filesystem: SimulatedFilesystem;
  readonly disk: SimulatedDisk;
}

function machine(options: Partial<SimulatedDiskOptions> & { sizeBytes?: number } = {}): Machine {
  const { sizeBytes, ...own } = options;
  const filesystem = new SimulatedFilesystem({
    pageBytes: 4,
    ...(sizeBytes !== undefined && { sizeBytes }),
  });
  return { filesystem, disk: simulatedDisk({ mounts: { '/': filesystem }, ...own }) };
}

const afterCut = ({ filesystem }: Machine, survives?: () => boolean): Disk =>
  simulatedDisk({ mounts: { '/': filesystem.crash(survives) } });

async function write(disk: Disk, path: string, text: string, sync = false): Promise<void> {
  const file = await disk.openNew(path);
  await file.write(Buffer.from(text), 0);
  if (sync) await file.sync();
  await file.close();
}

async function read(disk: Disk, path: string): Promise<string> {
  const file = await disk.openRead(path);
  const buffer = Buffer.alloc(1000);
  const bytes = await file.read(buffer, 0);
  await file.close();
  return buffer.toString('latin1', 0, bytes);
}

test('a power cut takes a name whose directory was not fsynced, however durable its file', async () => {
  const it = machine();
  await write(it.disk, '/a', 'text', true);
  await expect(afterCut(it).lstat('/a')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a power cut empties a file that was not fsynced, however durable its name', async () => {
  const it = machine();
  await write(it.disk, '/a', 'text');
  await it.disk.syncDirectory('/');
  expect(await read(afterCut(it), '/a')).toBe('');
});

test('a power cut takes a directory whose own entry was not fsynced, and all in it', async () => {
  const it = machine();
  await it.disk.makeDirectory('/d');
  await write(it.disk, '/d/a', 'text', true);
  await it.disk.syncDirectory('/d');
  await expect(afterCut(it).lstat('/d')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a power cut undoes an unlinking and a rename that were not fsynced', async () => {
  const it = machine();
  for (const name of ['/a', '/b']) await write(it.disk, name, name, true);
  await it.disk.syncDirectory('/');
  await it.disk.unlink('/a');
  await it.disk.rename('/b', '/c');
  const disk = afterCut(it);
  expect(await read(disk, '/a')).toBe('/a');
  expect(await read(disk, '/b')).toBe('/b');
});

test('what was not fsynced may survive page by page, and is old, new or zeros there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.boolean()), async (coin) => {
      const it = machine();
      await write(it.disk, '/a', 'aaaabbbb', true);
      await it.disk.syncDirectory('/');
      const file = await it.disk.openExisting('/a');
      await file.write(Buffer.from('AAAABBBBCCCC'), 0);
      const found = await read(
        afterCut(it, () => coin.next().value),
        '/a',
      );
      expect(found).toMatch(/^(aaaa|AAAA)(bbbb|BBBB)(CCCC|\0{4})?$/);
    }),
  );
});

test('of two names that were given one may survive, and a rename is never half', async () => {
  const seen = new Set<string>();
  for (let coins = 0; coins < 8; coins += 1) {
    const it = machine();
    await write(it.disk, '/a', 'text', true);
    await it.disk.syncDirectory('/');
    await it.disk.link('/a', '/b');
    await it.disk.link('/a', '/c');
    await it.disk.rename('/a', '/d');
    let left = coins;
    const survives = (): boolean => {
      const answer = left % 2 === 1;
      left = Math.floor(left / 2);
      return answer;
    };
    const names: string[] = [];
    for await (const piece of afterCut(it, survives).list('/')) names.push(...piece);
    seen.add(names.toSorted().join(''));
  }
  expect([...seen].toSorted()).toEqual(['a', 'ab', 'abc', 'ac', 'bcd', 'bd', 'cd', 'd']);
});

test('reading what a power cut would leave does not change the machine', async () => {
  const it = machine();
  await write(it.disk, '/a', 'text');
  const disk = afterCut(it);
  await write(disk, '/b', 'other');
  expect(await read(it.disk, '/a')).toBe('text');
  await expect(it.disk.lstat('/b')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('after a failed fsync the next one succeeds, and what was written is lost all the same', async () => {
  let fails = 1;
  const it = machine({
    onCall: ({ operation }) => (operation === 'file.sync' && fails-- > 0 ? 'EIO' : undefined),
  });
  const file = await it.disk.openNew('/a');
  await it.disk.syncDirectory('/');
  await file.write(Buffer.from('text'), 0);
  await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' });
  await file.sync();
  expect(await read(it.disk, '/a')).toBe('text');
  expect(await read(afterCut(it), '/a')).toBe('');
});

test('after a failed fsync of a directory its new names are lost in the same way', async () => {
  let fails = 1;
  const it = machine({
    onCall: ({ operation }) => (operation === 'syncDirectory' && fails-- > 0 ? 'EIO' : undefined),
  });
  await write(it.disk, '/a', 'text', true);
  await expect(it.disk.syncDirectory('/')).rejects.toMatchObject({ code: 'EIO' });
  await it.disk.syncDirectory('/');
  await expect(afterCut(it).lstat('/a')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a full disk takes what fits, then nothing, and has space again after a removal', async () => {
  const it = machine({ sizeBytes: 8 });
  const file = await it.disk.openNew('/a');
  await expect(file.write(Buffer.from('123456789'), 0)).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(await read(it.disk, '/a')).toBe('12345678');
  expect(await it.disk.space('/')).toEqual({ freeBytes: 0, sizeBytes: 8 });
  await it.disk.unlink('/a');
  await write(it.disk, '/b', 'text');
});

test('a read-only disk can be read and does not change', async () => {
  const it = machine();
  await write(it.disk, '/a', 'text');
  await it.disk.makeDirectory('/d');
  it.filesystem.isReadOnly = true;
  expect(await read(it.disk, '/a')).toBe('text');
  const refused = [
    it.disk.openNew('/b'),
    it.disk.openExisting('/a'),
    it.disk.link('/a', '/b'),
    it.disk.rename('/a', '/b'),
    it.disk.unlink('/a'),
    it.disk.makeDirectory('/e'),
  ];
  for (const work of refused) await expect(work).rejects.toMatchObject({ code: 'EROFS' });
  expect(await it.disk.makeDirectory('/d')).toEqual([]);
});

test('a filesystem that is not mounted shows the directory below it', async () => {
  const share = new SimulatedFilesystem();
  const it = machine();
  await it.disk.makeDirectory('/share');
  it.disk.mounts.mount('/share', share);
  await write(it.disk, '/share/a', 'text');
  await write(it.disk, '/b', 'text');
  await expect(it.disk.link('/b', '/share/b')).rejects.toMatchObject({ code: 'EXDEV' });
  await expect(it.disk.rename('/share/a', '/a')).rejects.toMatchObject({ code: 'EXDEV' });
  it.disk.mounts.unmount('/share');
  await expect(it.disk.lstat('/share/a')).rejects.toMatchObject({ code: 'ENOENT' });
  it.disk.mounts.mount('/share', share);
  expect(await read(it.disk, '/share/a')).toBe('text');
});

test('every call on a machine whose power was cut fails', async () => {
  const it = machine();
  const file = await it.disk.openNew('/a');
  it.filesystem.isDead = true;
  await expect(file.read(Buffer.alloc(1), 0)).rejects.toMatchObject({ code: 'EIO' });
  await expect(it.disk.lstat('/a')).rejects.toMatchObject({ code: 'EIO' });
  await file.close();
});

test('every call can be made to fail, and then has no effect', async () => {
  const it = machine();
  const disk = faultyDisk(it.disk, { onCall: failOperation('openNew', 'EMFILE') });
  await expect(write(disk, '/a', 'text')).rejects.toMatchObject({ code: 'EMFILE' });
  await expect(it.disk.lstat('/a')).rejects.toMatchObject({ code: 'ENOENT' });
});
