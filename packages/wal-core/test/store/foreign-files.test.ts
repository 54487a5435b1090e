import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeDisk, openStore, sha256Of, type ArchiveKey } from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';
import { ageFile, newArchive } from './directory-archive.ts';
import { keyOf, put } from './objects.ts';

const run = promisify(execFile);
const HOUR_MS = 60 * 60 * 1000;

/** Things that can have an object's name and are not objects. */
const notObjects: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  'a symbolic link to a file': async (path) => {
    await writeFile(`${path}.target`, 'elsewhere');
    await symlink(`${path}.target`, path);
  },
  'a dangling symbolic link': (path) => symlink('/nowhere', path),
  'a directory': (path) => mkdir(path),
  'a pipe': (path) => run('mkfifo', [path]),
};

async function listed(store: { list(source: string): AsyncIterable<readonly ArchiveKey[]> }) {
  const segments: string[] = [];
  for await (const keys of store.list('orders')) segments.push(...keys.map((key) => key.segment));
  return segments;
}

describe.each(Object.entries(notObjects))('%s under a key', (_, make) => {
  it('is neither read nor replaced', async () => {
    const { store, root } = await newArchive();
    await put(store, keyOf(1), 'makes the shard');
    await make(join(root, 'orders/00000000/wal-7.bin.zst'));
    const foreign = { code: 'object-foreign' };
    await expect(store.stat(keyOf(7))).rejects.toMatchObject(foreign);
    await expect(store.fetch(keyOf(7))).rejects.toMatchObject(foreign);
    await expect(store.readTail(keyOf(7), 8)).rejects.toMatchObject(foreign);
    await expect(store.makeDurable(keyOf(7))).rejects.toMatchObject(foreign);
    expect(await put(store, keyOf(7), 'ours')).toBe('exists');
    await expect(store.stat(keyOf(7))).rejects.toMatchObject(foreign);
  });
});

describe('files that walq did not write', () => {
  it('are not listed', async () => {
    const { store, root } = await newArchive();
    await put(store, keyOf(7), 'ours');
    const source = join(root, 'orders');
    await mkdir(join(source, 'lost+found'));
    await mkdir(join(source, 'notes'));
    await writeFile(join(source, '00000009'), 'a file with the name of a shard');
    await writeFile(join(root, 'README'), 'a file with the name of a source');
    for (const name of [
      '.zst',
      'a b.zst',
      '%zz.zst',
      '%41.zst',
      '.x.zst',
      'x.gz',
      'ü.zst',
      'x.zst.tmp',
    ]) {
      await writeFile(join(source, '00000000', name), 'stray');
    }
    expect(await listed(store)).toEqual(['wal-7.bin']);
    expect(await store.listSources()).toEqual(['orders']);
  });

  it('are not swept, however old; temporary files of walq are, in every directory', async () => {
    const { store, root } = await newArchive();
    await put(store, keyOf(7), 'ours');
    await store.records.create('orders', 'quarantine/a', '{}');
    const uuid = '01234567-89ab-cdef-0123-456789abcdef';
    const places = ['.', 'orders', 'orders/_walq', 'orders/_walq/quarantine', 'orders/00000000'];
    for (const place of places) {
      for (const name of [`.left.${uuid}.tmp`, '.hidden', `left.${uuid}.tmp`, `.${uuid}.tmp.zst`]) {
        const path = join(root, place, name);
        await writeFile(path, 'x');
        await ageFile(path, 48 * HOUR_MS);
      }
    }
    await mkdir(join(root, 'orders/00000000', `.directory.${uuid}.tmp`));
    await ageFile(join(root, 'orders/00000000', `.directory.${uuid}.tmp`), 48 * HOUR_MS);
    expect(await store.sweep('orders')).toBe(places.length);
    expect(await readdir(join(root, 'orders/00000000'))).toHaveLength(5);
    expect(await store.records.list('orders', 'quarantine')).toEqual(['a']);
    expect(await listed(store)).toEqual(['wal-7.bin']);
  });

  it('may be symbolic links to the directories of sources on other disks', async () => {
    const { store: other, root: disk } = await newArchive();
    await put(other, keyOf(7), 'on another disk');
    const { root } = await newArchive();
    await symlink(join(disk, 'orders'), join(root, 'orders'));
    const store = openStore(root, { disk: nodeDisk });
    expect(await store.listSources()).toEqual(['orders']);
    expect(await listed(store)).toEqual(['wal-7.bin']);
    expect(await put(store, keyOf(8), 'x')).toBe('published');
  });
});

describe('different bytes under the name of a dictionary', () => {
  const bytes = Buffer.from('a dictionary');
  const sha256 = sha256Of(bytes);
  const contents: Readonly<Record<string, Buffer>> = {
    'of another one': Buffer.from('another one'),
    'of which the end is missing': bytes.subarray(0, -1),
    'with more bytes': Buffer.concat([bytes, Buffer.alloc(2 * 1024 * 1024)]),
    'that are none': Buffer.alloc(0),
  };

  it.each(Object.entries(contents))('%s: it is neither read nor replaced', async (_, other) => {
    const { store, root } = await newArchive();
    await store.dictionaries.create('orders', sha256, bytes);
    const path = join(root, 'orders/_walq/dictionaries', `${sha256}.dict`);
    await writeFile(path, other);
    const corrupt = { code: 'dictionary-corrupt', class: 'retryable' };
    await expect(store.dictionaries.read('orders', sha256)).rejects.toMatchObject(corrupt);
    await expect(store.dictionaries.create('orders', sha256, bytes)).rejects.toMatchObject(corrupt);
    expect((await readFile(path)).equals(other)).toBe(true);
  });

  it('are not dictionaries under other names, and temporary ones are swept', async () => {
    const { store, root } = await newArchive();
    await store.dictionaries.create('orders', sha256, bytes);
    const folder = join(root, 'orders/_walq/dictionaries');
    await writeFile(join(folder, 'notes.dict'), 'x');
    await writeFile(join(folder, `${sha256}.dict.bak`), 'x');
    const left = join(folder, `.${sha256}.d89d1de4-0c3d-4b1b-9d9e-0d3b1c9f1f00.tmp`);
    await writeFile(left, 'x');
    await ageFile(left, 25 * HOUR_MS);
    expect(await store.dictionaries.list('orders')).toEqual([sha256]);
    expect(await store.sweep('orders')).toBe(1);
  });
});
