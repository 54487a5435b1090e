import { readFile, rm, writeFile } from 'node:fs/promises';
import { recordsText, temporaryDirectory } from '@walq/test-support';
import {
  archiveKeyOf,
  checkObjects,
  createThreadPool,
  decodeArchived,
  isUndecided,
  nodeDisk,
  openCheckHistory,
  openStore,
  restoreRange,
  useDictionary,
  verifyArchive,
  type Dictionary,
  type FailureCode,
  type Threads,
  type VerifiedObject,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { faultyDisk } from '@walq/conformance';
import { expect, it } from 'vitest';
import { nameOf, newPlace, segmentName, type Place } from '../support/place.ts';
import { aDictionary, use } from '../support/records.ts';

const BYTES = 4_000;
const numbers = [1, 2, 3, 4, 5, 6];
const contents = Object.fromEntries(numbers.map((n) => [n, recordsText(n, BYTES)]));

/** 1 without a dictionary, 2 and 4 with the first, 3 and 5 with the second. */
async function mixture(): Promise<[place: Place, one: Dictionary, two: Dictionary]> {
  const place = await newPlace({ segments: contents, flushedUpTo: 5 });
  const [one, two] = [await aDictionary(), await aDictionary('payments')];
  await place.archive1(1);
  for (const [dictionary, number] of [
    [one, 2],
    [two, 3],
    [one, 4],
    [two, 5],
  ] as const) {
    await place.store.dictionaries.create('orders', dictionary.sha256, dictionary.bytes);
    await useDictionary(place.store, 'orders', use(dictionary));
    await place.archive1(number, { dictionary: 'train' });
  }
  return [place, one, two];
}

/** Opened again, as by a process that knows no dictionary yet. */
const opened = ({ archive }: Place) => openStore(archive, { disk: nodeDisk });

async function inThreads<T>(work: (threads: Threads) => Promise<T>): Promise<T> {
  const threads = createThreadPool({ parallelism: 2 });
  try {
    return await work(threads);
  } finally {
    await threads.close();
  }
}

async function verifyDeep(place: Place) {
  const store = opened(place);
  const { signal } = new AbortController();
  const objects: VerifiedObject[] = [];
  const { segments, gaps } = await verifyArchive({
    store,
    source: 'orders',
    naming: place.source.naming,
    consecutive: true,
    atSource: [],
    readsManifests: false,
    onObject: (object) => objects.push(object),
    signal,
  });
  const state = (await temporaryDirectory('state')).path;
  const checkHistory = await openCheckHistory(nodeDisk, state, store.url, 'orders');
  const queue = objects.map((object) => ({ ...object, store, checkHistory }));
  const faults: { segment: string; code: FailureCode }[] = [];
  await inThreads(async (threads) => {
    for await (const { object, fault } of checkObjects({ threads, queue, signal })) {
      if (fault !== undefined) faults.push({ segment: object.key.segment, code: fault.code });
    }
  });
  const corrupt = faults.filter((fault) => !isUndecided(fault));
  return { segments, gaps, corrupt, undecided: faults.filter(isUndecided) };
}

async function restore(place: Place): Promise<string> {
  const destination = (await temporaryDirectory('restored')).path;
  await inThreads((threads) =>
    restoreRange({
      disk: nodeDisk,
      store: opened(place),
      threads,
      source: 'orders',
      naming: place.source.naming,
      destination,
      signal: new AbortController().signal,
    }),
  );
  return destination;
}

it('a mixture of dictionaries is verified and restored byte for byte', async () => {
  const [place] = await mixture();
  expect(await verifyDeep(place)).toEqual({ segments: 5, gaps: [], corrupt: [], undecided: [] });
  const destination = await restore(place);
  for (const number of [1, 2, 3, 4, 5]) {
    expect(await readFile(`${destination}/${nameOf(number)}`, 'utf8')).toBe(contents[number]);
  }
});

it.each([
  ['dictionary-missing', (path: string) => rm(path)],
  ['dictionary-corrupt', (path: string) => writeFile(path, 'something else')],
])(
  'objects whose dictionary is not available are undecided, not corrupt: %s',
  async (code, damage) => {
    const [place, one] = await mixture();
    await damage(place.dictionaryPath(one.sha256));
    expect(await verifyDeep(place)).toMatchObject({
      segments: 5,
      corrupt: [],
      undecided: [
        { segment: nameOf(2), code },
        { segment: nameOf(4), code },
      ],
    });
    await expect(restore(place)).rejects.toMatchObject({ code, class: 'retryable' });
  },
);

it('a dictionary that was replaced by another is reported, and the objects are not', async () => {
  const [place, one, two] = await mixture();
  await writeFile(place.dictionaryPath(one.sha256), two.bytes);
  const { corrupt, undecided } = await verifyDeep(place);
  expect(corrupt).toEqual([]);
  expect(undecided.map(({ code }) => code)).toEqual(['dictionary-corrupt', 'dictionary-corrupt']);
});

it('an object that is damaged itself is corrupt, although its dictionary is there', async () => {
  const [place] = await mixture();
  const path = place.objectPath(2);
  const bytes = await readFile(path);
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  await writeFile(path, bytes);
  const { corrupt, undecided } = await verifyDeep(place);
  expect(corrupt).toMatchObject([{ segment: nameOf(2), code: 'object-corrupt' }]);
  expect(undecided).toEqual([]);
});

it('a dictionary is read once for many objects', async () => {
  const [place, one] = await mixture();
  const reads: string[] = [];
  const disk = faultyDisk(nodeDisk, {
    onDone: ({ operation, path }) => {
      if (operation === 'openRead' && path.endsWith('.dict')) reads.push(path);
    },
  });
  const store = openStore(place.archive, { disk });
  const threads = createInlineThreads();
  const { signal } = new AbortController();
  for (const number of [2, 4, 2, 4, 1, 2]) {
    const key = archiveKeyOf('orders', segmentName(number));
    const object = await decodeArchived({ store, threads, key, signal });
    expect(object?.decoded.bytes).toBe(BYTES);
  }
  expect(reads).toEqual([place.dictionaryPath(one.sha256)]);
});

it('an object that does not name its dictionary by SHA-256 needs a newer walq', async () => {
  const [place, one] = await mixture();
  const path = place.objectPath(2);
  const { crc32c } = await import('@node-rs/crc32');
  const bytes = Buffer.from(
    (await readFile(path, 'latin1')).replace(one.sha256, `sha3:${one.sha256.slice(5)}`),
    'latin1',
  );
  const jsonBytes = bytes.readUInt32LE(bytes.length - 16);
  const json = bytes.subarray(bytes.length - 16 - jsonBytes, bytes.length - 16);
  bytes.writeUInt32LE(crc32c(json), bytes.length - 12);
  await writeFile(path, bytes);
  const { corrupt } = await verifyDeep(place);
  expect(corrupt).toMatchObject([{ segment: nameOf(2), code: 'archive-format-unknown' }]);
});
