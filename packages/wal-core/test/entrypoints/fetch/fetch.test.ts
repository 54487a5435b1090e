import { copyFile, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  fetchFile,
  nodeDisk,
  openStore,
  useDictionary,
  type ArchiveKey,
} from '@walq/wal-core/internal';
import { temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import {
  archivedPlace,
  nameOf,
  objectPath,
  optionsOf,
  root,
} from '../../support/archived-place.ts';
import { flipByte } from '../../support/flip-byte.ts';
import { newPostgresPlace } from '../../support/postgres-place.ts';
import { aDictionary, use } from '../../support/records.ts';

test('a file is fetched unchanged, and replaces its destination', async () => {
  const place = await archivedPlace(1);
  const { at, path } = await temporaryDirectory('fetch');
  for (const again of [1, 2]) {
    expect([again, await fetchFile(optionsOf(place), nameOf(1), at('X'))]).toEqual([
      again,
      'fetched',
    ]);
  }
  expect((await readFile(at('X'))).equals(place.cluster.segment(nameOf(1)))).toBe(true);
  expect(await readdir(path)).toEqual(['X']);
});

test.each([nameOf(2), '00000002.history'])('%s is absent', async (name) => {
  const place = await archivedPlace(1);
  const { at, path } = await temporaryDirectory('fetch');
  expect(await fetchFile(optionsOf(place), name, at('X'))).toBe('absent');
  expect(await readdir(path)).toEqual([]);
});

test('a damaged object is not reported as absent, and leaves nothing behind', async () => {
  const place = await archivedPlace(1);
  await flipByte(objectPath(place, nameOf(1)), 60);
  const { at, path } = await temporaryDirectory('fetch');
  await expect(fetchFile(optionsOf(place), nameOf(1), at('X'))).rejects.toMatchObject({
    code: 'object-corrupt',
  });
  expect(await readdir(path)).toEqual([]);
});

test('a file whose dictionary is missing is not reported as absent, and is fetched once the dictionary is back', async () => {
  const place = await newPostgresPlace();
  await place.open();
  const dictionary = await aDictionary();
  await place.store.dictionaries.create('main', dictionary.sha256, dictionary.bytes);
  await useDictionary(place.store, 'main', use(dictionary));
  await place.cluster.ready(nameOf(1));
  await place.archive(nameOf(1), { dictionary: 'train' });
  const kept = join(root(place.store), 'main/_walq/dictionaries', `${dictionary.sha256}.dict`);
  await rename(kept, `${kept}.aside`);
  const { at, path } = await temporaryDirectory('fetch');
  const options = optionsOf(place, { store: openStore(root(place.store), { disk: nodeDisk }) });
  await expect(fetchFile({ ...options, tries: 1 }, nameOf(1), at('X'))).rejects.toMatchObject({
    code: 'dictionary-missing',
    class: 'retryable',
  });
  expect(await readdir(path)).toEqual([]);
  await rename(`${kept}.aside`, kept);
  expect(await fetchFile(options, nameOf(1), at('X'))).toBe('fetched');
  expect((await readFile(at('X'))).equals(place.cluster.segment(nameOf(1)))).toBe(true);
});

test('an object under a name that is not its own is refused', async () => {
  const place = await archivedPlace(2);
  await rename(objectPath(place, nameOf(1)), objectPath(place, nameOf(2)));
  const { at } = await temporaryDirectory('fetch');
  await expect(fetchFile(optionsOf(place), nameOf(2), at('X'))).rejects.toMatchObject({
    code: 'object-corrupt',
  });
});

test('an entry that is not an object is reported with the command to run', async () => {
  const place = await archivedPlace(1);
  await mkdir(objectPath(place, nameOf(2)));
  const { at } = await temporaryDirectory('fetch');
  await expect(fetchFile(optionsOf(place), nameOf(2), at('X'))).rejects.toMatchObject({
    code: 'object-foreign',
    hint: expect.stringContaining(`--replace-corrupt ${nameOf(2)}`) as string,
  });
});

test('an unavailable archive is retried until the deadline', async () => {
  const place = await archivedPlace(1);
  const { at } = await temporaryDirectory('fetch');
  await rename(root(place.store), `${root(place.store)}-away`);
  const late = optionsOf(place, { signal: AbortSignal.timeout(300) });
  await expect(fetchFile(late, nameOf(1), at('X'))).rejects.toMatchObject({
    code: 'store-unavailable',
  });
  const waiting = fetchFile(optionsOf(place), nameOf(1), at('X'));
  await rename(`${root(place.store)}-away`, root(place.store));
  expect(await waiting).toBe('fetched');
});

test('a file is not absent because its archive is not mounted', async () => {
  const place = await archivedPlace(1);
  const { at } = await temporaryDirectory('fetch');
  await rename(root(place.store), `${root(place.store)}-away`);
  await mkdir(root(place.store));
  const store = openStore(place.store.url, { disk: nodeDisk });
  const late = optionsOf(place, { store, signal: AbortSignal.timeout(300) });
  await expect(fetchFile(late, nameOf(1), at('X'))).rejects.toMatchObject({
    code: 'store-unavailable',
  });
});

test('a file is not absent because its archive becomes unavailable during the call', async () => {
  const place = await archivedPlace(1);
  const { at } = await temporaryDirectory('fetch');
  const { signal } = new AbortController();
  const store = openStore(place.store.url, { disk: nodeDisk });
  let checks = 0;
  const leaving = {
    ...store,
    stat: async (key: ArchiveKey) => {
      checks += 1;
      if (checks === 1) {
        await rename(root(store), `${root(store)}-away`);
        await mkdir(root(store));
      }
      return store.stat(key);
    },
  };
  const options = optionsOf(place, { store: leaving, signal, tries: 1 });
  await expect(fetchFile(options, nameOf(1), at('X'))).rejects.toMatchObject({
    code: 'store-unavailable',
  });
});

test('a source that the archive of other sources does not hold is a wrong argument', async () => {
  const place = await archivedPlace(1);
  const { at } = await temporaryDirectory('fetch');
  await expect(
    fetchFile(optionsOf(place, { source: 'mian' }), nameOf(1), at('X')),
  ).rejects.toMatchObject({ code: 'object-missing' });
});

test('a file of an earlier, smaller segment size is found', async () => {
  const place = await archivedPlace(1);
  const { at } = await temporaryDirectory('fetch');
  const name = '000000010000000000000FFF';
  const object = objectPath(place, nameOf(1));
  await copyFile(object, object.replace(nameOf(1), name));
  // The copy is of another segment, which is seen once it is read.
  await expect(fetchFile(optionsOf(place), name, at('X'))).rejects.toMatchObject({
    code: 'object-corrupt',
  });
});

test.each([
  ['pg_wal/RECOVERYXLOG', nameOf(1), 'the arguments are swapped'],
  ['backup_label', 'X', 'is not the name of a WAL file'],
  [nameOf(1).toLowerCase().replace('1', 'a'), 'X', 'is not the name of a WAL file'],
  ['', 'X', "'' is not the name of a WAL file"],
  [`${nameOf(1)}.zst`, 'X', 'is not the name of a WAL file'],
  ['0000000100000000000000', 'X', 'is not the name of a WAL file'],
])(
  '%s is not the name of a WAL file, and is not reported as absent',
  async (name, destination, why) => {
    const place = await archivedPlace(1);
    const { at } = await temporaryDirectory('fetch');
    await expect(fetchFile(optionsOf(place), name, at(destination))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(why) as string,
      hint: expect.stringContaining('restore_command') as string,
    });
  },
);
