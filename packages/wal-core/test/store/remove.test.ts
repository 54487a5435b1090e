import { mkdir, symlink } from 'node:fs/promises';
import { nodeDisk, openStore } from '@walq/wal-core/internal';
import { failOperation, faultyDisk, type DiskCall } from '@walq/conformance';
import { describe, expect, it } from 'vitest';
import { newArchive } from './directory-archive.ts';
import { keyOf, put, textOf } from './objects.ts';

describe('removing from a directory', () => {
  it('makes the shard durable, also where another process has removed the object', async () => {
    const calls: DiskCall[] = [];
    const disk = faultyDisk(nodeDisk, { onDone: (call) => void calls.push(call) });
    const { store, root } = await newArchive(disk);
    await put(store, keyOf(7), 'x');
    const changes = async (): Promise<string[]> => {
      calls.length = 0;
      await store.remove(keyOf(7));
      const changing = calls.filter(({ operation }) => operation !== 'lstat');
      return changing.map(({ operation, path }) => `${operation} ${path.replace(root, 'ROOT')}`);
    };
    const sync = 'syncDirectory ROOT/orders/00000000';
    expect(await changes()).toEqual(['unlink ROOT/orders/00000000/wal-7.bin.zst', sync]);
    expect(await changes()).toEqual([sync]);
  });

  it('gives held for an object that the system does not allow to be removed', async () => {
    const disk = faultyDisk(nodeDisk, { onCall: failOperation('unlink', 'EPERM', /wal-7/) });
    const { store, root } = await newArchive();
    await put(store, keyOf(7), 'x');
    const holding = openStore(root, { disk });
    expect(await holding.remove(keyOf(7))).toBe('held');
    expect(await textOf(store, keyOf(7))).toBe('x');
  });

  it.each([
    ['EROFS', 'store-read-only'],
    ['EACCES', 'store-read-only'],
    ['EIO', 'store-unavailable'],
  ])('names what keeps it from removing: %s', async (errno, code) => {
    const { store: healthy, root } = await newArchive();
    await put(healthy, keyOf(7), 'x');
    const disk = faultyDisk(nodeDisk, { onCall: failOperation('unlink', errno, /wal-7/) });
    await expect(openStore(root, { disk }).remove(keyOf(7))).rejects.toMatchObject({ code });
  });

  it('refuses what is not an object of walq', async () => {
    const { store, root } = await newArchive();
    await mkdir(`${root}/orders/00000000/wal-7.bin.zst`, { recursive: true });
    await symlink('/etc/hosts', `${root}/orders/00000000/wal-8.bin.zst`);
    for (const key of [keyOf(7), keyOf(8)]) {
      await expect(store.remove(key)).rejects.toMatchObject({ code: 'object-foreign' });
    }
  });
});
