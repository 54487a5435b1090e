import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { nodeDisk, openStore, sha256Of, type ArchiveStore } from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';
import { newArchive } from './directory-archive.ts';
import { keyOf, put, textOf } from './objects.ts';

const bytes = Buffer.from('a dictionary');

const everyCall: Readonly<Record<string, (store: ArchiveStore) => Promise<unknown>>> = {
  stage: (store) => store.stage(keyOf(8)),
  'stage in a new shard': (store) => store.stage(keyOf(20_000)),
  makeDurable: (store) => store.makeDurable(keyOf(7)),
  stat: (store) => store.stat(keyOf(7)),
  fetch: (store) => store.fetch(keyOf(7)),
  readTail: (store) => store.readTail(keyOf(7), 5),
  remove: (store) => store.remove(keyOf(7)),
  list: async (store) => {
    for await (const keys of store.list('orders')) expect(keys).toBe('nothing');
  },
  'records.create': (store) => store.records.create('orders', 'x', '{}'),
  'records.read': (store) => store.records.read('orders', 'x'),
  'records.list': (store) => store.records.list('orders', 'quarantine'),
  'records.remove': (store) => store.records.remove('orders', 'x'),
  'dictionaries.create': (store) => store.dictionaries.create('orders', sha256Of(bytes), bytes),
  'dictionaries.read': (store) => store.dictionaries.read('orders', sha256Of(bytes)),
  'dictionaries.list': (store) => store.dictionaries.list('orders'),
  sweep: (store) => store.sweep('orders'),
};

const unavailable = { code: 'store-unavailable', class: 'retryable' };

describe('an archive that is not mounted', () => {
  it.each(Object.entries(everyCall))('fails %s when its directory disappears', async (_, call) => {
    const { store, root } = await newArchive();
    await rename(root, `${root}-elsewhere`);
    await expect(call(store)).rejects.toMatchObject(unavailable);
    await expect(nodeDisk.lstat(root)).rejects.toMatchObject({ code: 'ENOENT' });
    await rm(`${root}-elsewhere`, { recursive: true });
  });

  it.each(Object.entries(everyCall))(
    'fails %s when an empty mount point is left, and works again when the archive is back',
    async (_, call) => {
      const { store, root } = await newArchive();
      await put(store, keyOf(7), 'there');
      await rename(root, `${root}-elsewhere`);
      await mkdir(root);
      await expect(call(store)).rejects.toMatchObject(unavailable);
      expect(await readdir(root)).toEqual([]);
      await rm(root, { recursive: true });
      await rename(`${root}-elsewhere`, root);
      expect(await textOf(store, keyOf(7))).toBe('there');
      expect(await put(store, keyOf(8), 'works again')).toBe('published');
    },
  );

  it('is not taken for an archive without sources', async () => {
    const { store, root } = await newArchive();
    await rename(root, `${root}-elsewhere`);
    await expect(store.listSources()).rejects.toMatchObject(unavailable);
    await rename(`${root}-elsewhere`, root);
    expect(await store.listSources()).toEqual([]);
  });

  it('also recognises a source that it has read', async () => {
    const { store: other, root } = await newArchive();
    await put(other, keyOf(7), 'there');
    const reader = openStore(root, { disk: nodeDisk });
    await reader.stat(keyOf(7));
    await rename(root, `${root}-elsewhere`);
    await mkdir(root);
    await expect(reader.stat(keyOf(7))).rejects.toMatchObject(unavailable);
  });
});
