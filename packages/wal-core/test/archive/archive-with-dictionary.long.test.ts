import { stat } from 'node:fs/promises';
import { recordsText } from '@walq/test-support';
import {
  archiveOne,
  createThreadPool,
  createCleaner,
  isWalqError,
  nodeDisk,
  openStore,
  readManifest,
  archiveKeyOf,
  useDictionary,
  type Dictionary,
  type DictionaryEvent,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { faultyDisk, type DiskCall } from '@walq/conformance';
import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, it, test } from 'vitest';
import { nameOf, newPlace, segmentName, type Place } from '../support/place.ts';
import { aDictionary, use } from '../support/records.ts';

const BYTES = 4_000;
const numbers = [1, 2, 3, 4, 5, 6];
const contents = Object.fromEntries(numbers.map((n) => [n, recordsText(n, BYTES)]));

/** Six short segments, five of them flushed, and the dictionary that `walq train` stored last. */
async function placeWith(...dictionaries: readonly Dictionary[]): Promise<Place> {
  const place = await newPlace({ segments: contents, flushedUpTo: 5 });
  for (const dictionary of dictionaries) await put(place, dictionary);
  return place;
}

async function put(place: Place, dictionary: Dictionary): Promise<void> {
  await place.store.dictionaries.create('orders', dictionary.sha256, dictionary.bytes);
  await useDictionary(place.store, 'orders', use(dictionary));
}

const manifestOf = (place: Place, number: number) =>
  readManifest(place.store, archiveKeyOf('orders', segmentName(number)));

const sizeOf = async (place: Place, number: number) => (await stat(place.objectPath(number))).size;

function recordedEvents() {
  const events: DictionaryEvent[] = [];
  return { events, onDictionary: (event: DictionaryEvent) => void events.push(event) };
}

test('an empty segment is archived with a dictionary too', async () => {
  const dictionary = await aDictionary();
  const place = await placeWith(dictionary);
  await place.write(1, '');
  expect(await place.archive1(1, { dictionary: 'train' })).toMatchObject({ bytesIn: 0 });
  expect(place.unpacked(1, dictionary.sha256)).toHaveLength(0);
  await place.write(1, '');
  const again = await place.archive1(1, { dictionary: 'train' });
  expect(again).toMatchObject({ outcome: 'already-archived' });
});

describe.each([
  ['read back', true],
  ['in the stream', false],
])('with a dictionary, proved %s', (_, conservative) => {
  it('objects are smaller, name it, and zstd -D restores each byte for byte', async () => {
    const dictionary = await aDictionary();
    const place = await placeWith(dictionary);
    const archiver = place.archiver({ dictionary: 'train', conservative });
    for (const number of [1, 2, 3]) {
      const { signal } = new AbortController();
      const report = await archiveOne(archiver, place.source, nameOf(number), { signal });
      expect(report.outcome).toBe('archived');
      expect((await manifestOf(place, number))?.dictionary).toBe(dictionary.sha256);
      expect(place.unpacked(number, dictionary.sha256).toString()).toBe(contents[number]);
      expect(() => place.unpacked(number)).toThrow(/Dictionary mismatch/);
    }
    await place.archive1(4, { conservative });
    expect((await manifestOf(place, 4))?.dictionary).toBeNull();
    expect(await sizeOf(place, 3)).toBeLessThan(0.9 * (await sizeOf(place, 4)));
  });

  it('threads take dictionaries and levels in any order', async () => {
    const [one, two] = [await aDictionary(), await aDictionary('payments')];
    const place = await placeWith(one);
    const threads = createThreadPool({ parallelism: 1 });
    try {
      const settings = [
        { dictionary: 'train' as const, level: 3 },
        { level: 3 },
        { dictionary: 'train' as const, level: 3 },
        { dictionary: 'train' as const, level: 12 },
      ];
      for (const [index, setting] of settings.entries()) {
        await place.archive1(index + 1, { ...setting, threads, conservative });
      }
      await put(place, two);
      await place.archive1(5, { dictionary: 'train', threads, conservative });
      const used = [one.sha256, undefined, one.sha256, one.sha256, two.sha256];
      for (const [index, sha256] of used.entries()) {
        expect(place.unpacked(index + 1, sha256).toString()).toBe(contents[index + 1]);
      }
    } finally {
      await threads.close();
    }
  });
});

describe('a dictionary', () => {
  it('is not used before walq train has stored one', async () => {
    const place = await placeWith();
    const { events, onDictionary } = recordedEvents();
    await place.archive1(1, { dictionary: 'train', onDictionary });
    expect((await manifestOf(place, 1))?.dictionary).toBeNull();
    expect(events).toEqual([]);
  });

  it('from a file is durable in the archive before the first object is staged', async () => {
    const place = await placeWith();
    const dictionary = await aDictionary();
    const path = `${place.root}/own.dict`;
    await writeFile(path, dictionary.bytes);
    const calls: DiskCall[] = [];
    const disk = faultyDisk(nodeDisk, { onDone: (call) => void calls.push(call) });
    const { events, onDictionary } = recordedEvents();
    await place.archive1(1, { disk, dictionary: { path }, onDictionary });
    const folder = 'orders/_walq/dictionaries';
    const at = (operation: string, part: string) =>
      calls.findIndex((call) => call.operation === operation && call.path.includes(part));
    const [synced, staged] = [at('syncDirectory', folder), at('openNew', 'wal-000001')];
    expect(at('file.sync', folder)).toBeGreaterThanOrEqual(0);
    expect(synced).toBeGreaterThan(at('file.sync', folder));
    expect(staged).toBeGreaterThan(synced);
    expect(place.unpacked(1, dictionary.sha256).toString()).toBe(contents[1]);
    expect(events).toEqual([
      { kind: 'dictionary-used', source: 'orders', dictionary: dictionary.sha256 },
    ]);
  });

  it('that was stored by another process is made durable by this one, before an object needs it', async () => {
    const dictionary = await aDictionary();
    const place = await placeWith(dictionary);
    const calls: string[] = [];
    const disk = faultyDisk(nodeDisk, {
      onDone: ({ operation, path }) => void calls.push(`${operation} ${path}`),
    });
    await place.archive1(1, { disk, dictionary: 'train' });
    const synced = calls.indexOf(`syncFile ${place.dictionaryPath(dictionary.sha256)}`);
    expect(synced).toBeGreaterThanOrEqual(0);
    expect(calls.findIndex((call) => /^openNew .*wal-000001/.test(call))).toBeGreaterThan(synced);
  });

  it('that cannot be used is reported once, and segments are archived without it', async () => {
    const place = await placeWith();
    const bad = Buffer.concat([Buffer.from('37a430ec01020304', 'hex'), Buffer.alloc(200, 1)]);
    const path = `${place.root}/bad.dict`;
    const attempts: [name: string, write: () => Promise<unknown>][] = [
      ['does not exist', async () => undefined],
      ['is empty', () => writeFile(path, '')],
      ['zstd cannot use', () => writeFile(path, bad)],
      ['is longer', () => writeFile(path, Buffer.alloc(2 << 20))],
    ];
    for (const [index, [name, write]] of attempts.entries()) {
      await write();
      const { events, onDictionary } = recordedEvents();
      const report = await place.archive1(index + 1, { dictionary: { path }, onDictionary });
      expect(report.outcome).toBe('archived');
      expect((await manifestOf(place, index + 1))?.dictionary).toBeNull();
      expect(events).toMatchObject([
        { kind: 'dictionary-not-used', failure: { code: 'dictionary-unusable' } },
      ]);
      expect(
        JSON.stringify(events) +
          String(events[0]?.kind === 'dictionary-not-used' && events[0].failure.message),
      ).toContain(name);
    }
    expect(await place.store.dictionaries.list('orders')).toEqual([]);
  });

  it.each([
    ['dictionary-missing', (path: string) => rm(path)],
    ['dictionary-corrupt', (path: string) => writeFile(path, 'something else')],
  ])('that is %s in the archive is not used', async (code, damage) => {
    const dictionary = await aDictionary();
    const place = await placeWith(dictionary);
    await damage(place.dictionaryPath(dictionary.sha256));
    const { events, onDictionary } = recordedEvents();
    const archiver = place.archiver({ dictionary: 'train', onDictionary });
    for (const number of [1, 2]) {
      const { signal } = new AbortController();
      await archiveOne(archiver, place.source, nameOf(number), { signal });
      expect(place.unpacked(number).toString()).toBe(contents[number]);
    }
    expect(events).toMatchObject([{ kind: 'dictionary-not-used', failure: { code } }]);
  });

  it('works with level auto, which is measured with it', async () => {
    const dictionary = await aDictionary();
    const place = await newPlace({
      segments: { 1: recordsText(1, 40_000), 2: recordsText(2, 40_000) },
      flushedUpTo: 1,
    });
    await put(place, dictionary);
    const inline = createInlineThreads();
    const measured: unknown[] = [];
    const threads = {
      ...inline,
      busy: 0,
      measureLevels: (...args: Parameters<typeof inline.measureLevels>) => {
        measured.push(args[0].dictionary?.sha256);
        return inline.measureLevels(...args);
      },
    };
    await place.archive1(1, { dictionary: 'train', level: 'auto', threads });
    expect(measured).toEqual([dictionary.sha256]);
    expect(place.unpacked(1, dictionary.sha256).toString()).toBe(recordsText(1, 40_000));
  });
});

describe('an object that another worker made with a dictionary', () => {
  const damages: [code: string, damage: (path: string) => Promise<unknown>][] = [
    ['dictionary-missing', (path) => rm(path)],
    ['dictionary-corrupt', (path) => writeFile(path, 'something else')],
  ];

  it('is confirmed with the archive’s copy, which is made durable first', async () => {
    const dictionary = await aDictionary();
    const place = await placeWith(dictionary);
    await place.archive1(1, { dictionary: 'train' });
    await place.write(1, contents[1] ?? '');
    const calls: string[] = [];
    const disk = faultyDisk(nodeDisk, {
      onDone: ({ operation, path }) => void calls.push(`${operation} ${path}`),
    });
    expect((await place.archive1(1, { disk })).outcome).toBe('already-archived');
    expect(calls).toContain(`syncFile ${place.dictionaryPath(dictionary.sha256)}`);
  });

  it.each(damages)('is never called corrupt, and keeps its source: %s', async (code, damage) => {
    const dictionary = await aDictionary();
    const place = await placeWith(dictionary);
    await place.archive1(1, { dictionary: 'train' });
    await place.write(1, contents[1] ?? '');
    await damage(place.dictionaryPath(dictionary.sha256));
    const expected = { code, class: 'retryable' };
    await expect(place.archive1(1, { dictionary: 'train' })).rejects.toMatchObject(expected);
    expect((await place.read(1)).toString()).toBe(contents[1]);
    await rm(place.pathOf(1));
    await expect(place.archive1(1)).rejects.toMatchObject(expected);
    await rm(place.dictionaryPath(dictionary.sha256), { force: true });
    await place.store.dictionaries.create('orders', dictionary.sha256, dictionary.bytes);
    expect((await place.archive1(1)).outcome).toBe('already-archived');
  });
});

test.each(['await', 'block'])('the cleaner uses one as the workers do (%s)', async (way) => {
  const dictionary = await aDictionary();
  const place = await placeWith(dictionary);
  const archiveUrl = `file://${place.archive}`;
  const { source } = place;
  const cleaner = createCleaner({ source, archiveUrl, parallelism: 2, dictionary: 'train' });
  try {
    const report =
      way === 'block' ? cleaner.cleanupUpToSync(nameOf(5)) : await cleaner.cleanupUpTo(nameOf(5));
    expect(report.successCount).toBe(5);
  } finally {
    await cleaner.close();
  }
  for (const number of [1, 2, 3, 4, 5]) {
    expect(place.unpacked(number, dictionary.sha256).toString()).toBe(contents[number]);
  }
});

test('of two dictionaries put into use at the same time one counts, and a damaged record is skipped', async () => {
  const [one, two] = [await aDictionary(), await aDictionary('payments')];
  const place = await placeWith(one);
  const twin = openStore(place.archive, { disk: nodeDisk });
  await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      useDictionary(n % 2 ? twin : place.store, 'orders', use(n % 2 ? one : two)),
    ),
  );
  expect(await place.store.records.list('orders', 'dictionary')).toHaveLength(11);
  await useDictionary(place.store, 'orders', use(one));
  await place.store.records.create('orders', 'dictionary/00000013', 'damaged');
  await place.store.records.create('orders', 'dictionary/99', '{}');
  await place.store.dictionaries.create('orders', one.sha256, one.bytes);
  await place.archive1(1, { dictionary: 'train' });
  expect((await manifestOf(place, 1))?.dictionary).toBe(one.sha256);
  await place.store.records.create('orders', 'dictionary/00000014', '{"version":2}');
  const { events, onDictionary } = recordedEvents();
  await place.archive1(2, { dictionary: 'train', onDictionary });
  const [event] = events;
  expect(
    event?.kind === 'dictionary-not-used' && isWalqError(event.failure, 'archive-format-unknown'),
  ).toBe(true);
});
