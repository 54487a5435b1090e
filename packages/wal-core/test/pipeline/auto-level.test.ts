/** `level = "auto"` through the whole pipeline, with real segments. */
import {
  archiveOne,
  archiveKeyOf,
  AUTO_LEVELS,
  createCleaner,
  nodeDisk,
  readManifest,
  type LevelEvent,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { faultyDisk, systemError } from '@walq/conformance';
import { expect, onTestFinished, test } from 'vitest';
import { noise, records, text } from '../support/contents.ts';
import { nameOf, newPlace, segmentName, type Place } from '../support/place.ts';

const KIBIBYTE = 1024;
const kept = { afterArchive: 'keep' } as const;

const levelOf = async ({ store }: Place, number: number) =>
  (await readManifest(store, archiveKeyOf('orders', segmentName(number))))?.level;

test.each(Object.entries({ records, text, noise }))(
  'the level chosen for %s is in the manifest, and zstd unpacks the object',
  async (_, make) => {
    const content = make(2_000 * KIBIBYTE);
    const place = await newPlace({ segments: { 1: content, 2: 'newest' }, source: kept });
    const events: LevelEvent[] = [];
    await place.archive1(1, { level: 'auto', onLevel: (event) => events.push(event) });
    const level = await levelOf(place, 1);
    expect(events).toEqual([{ kind: 'level-chosen', source: 'orders', level, before: null }]);
    expect(AUTO_LEVELS).toContain(level);
    expect(place.unpacked(1).equals(content)).toBe(true);
  },
);

test('a source whose contents change is measured again', async () => {
  const bytes = 16 * KIBIBYTE;
  const numbers = Array.from({ length: 2 * 128 + 1 }, (_, index) => index + 1);
  const segments = Object.fromEntries(
    numbers.map((number) => [number, (number <= 128 ? text : noise)(bytes, number)]),
  );
  const place = await newPlace({ segments, flushedUpTo: numbers.length, source: kept });
  const threads = createInlineThreads();
  const measured: string[] = [];
  const archiver = place.archiver({
    level: 'auto',
    threads: {
      ...threads,
      measureLevels: (order, signal) => {
        measured.push(order.sourcePath);
        return threads.measureLevels(order, signal);
      },
    },
  });
  const { signal } = new AbortController();
  for (const number of numbers)
    await archiveOne(archiver, place.source, nameOf(number), { signal });
  expect(measured).toEqual([place.pathOf(1), place.pathOf(257)]);
});

test('a source that cannot be measured is archived with level 3', async () => {
  const place = await newPlace({ segments: { 1: text(100_000), 2: 'newest' }, source: kept });
  const events: LevelEvent[] = [];
  let reads = 0;
  const disk = faultyDisk(nodeDisk, {
    onCall: (call) => {
      const isRead = call.operation === 'file.read' && call.path === place.pathOf(1);
      if (isRead && (reads += 1) === 1) throw systemError('EIO', call);
    },
  });
  await place.archive1(1, { disk, level: 'auto', onLevel: (event) => events.push(event) });
  expect(events).toMatchObject([
    { kind: 'level-not-measured', source: 'orders', level: 3, failure: { code: 'source-io' } },
  ]);
  expect(await levelOf(place, 1)).toBe(3);
  expect(place.unpacked(1).equals(text(100_000))).toBe(true);
});

test('a segment that is cancelled while it is measured leaves nothing behind', async () => {
  const place = await newPlace({ segments: { 1: text(100_000), 2: 'newest' }, source: kept });
  const abort = new AbortController();
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ operation }) => {
      if (operation === 'file.read') abort.abort();
    },
  });
  const archiver = place.archiver({ disk, level: 'auto' });
  await expect(
    archiveOne(archiver, place.source, nameOf(1), { signal: abort.signal }),
  ).rejects.toMatchObject({ code: 'cancelled' });
  expect(await place.archiveNames()).toEqual([]);
});

test('both in-process calls measure, and archive a source with the chosen level', async () => {
  const segments = { 1: records(100_000, 1), 2: records(100_000, 2), 3: records(100_000, 3) };
  const [one, other] = [await newPlace({ segments }), await newPlace({ segments })];
  const cleanerOf = ({ source, archive }: Place) => {
    const archiveUrl = `file://${archive}`;
    const cleaner = createCleaner({ source, archiveUrl, parallelism: 2, level: 'auto' });
    onTestFinished(() => cleaner.close());
    return cleaner;
  };
  await cleanerOf(one).cleanupUpTo(nameOf(2));
  cleanerOf(other).cleanupUpToSync(nameOf(2));
  for (const place of [one, other]) {
    expect(AUTO_LEVELS).toContain(await levelOf(place, 1));
    expect(await levelOf(place, 2)).toBe(await levelOf(place, 1));
  }
});
