import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  listArchive,
  measureBacklog,
  createDueView,
  nodeDisk,
  openManifestIndex,
  verifyArchive,
  type ArchivedSegment,
  type SegmentName,
} from '@walq/wal-core';
import { createInlineThreads, faultyDisk } from '@walq/wal-core/testing';
import { openStore } from '@walq/wal-core';
import { nameOf, newPlace, segmentName, textOf, type Place } from '../support/place.ts';

const five = { 1: textOf(1), 2: textOf(2), 3: textOf(3), 4: textOf(4), 5: textOf(5) };

async function archived(): Promise<Place> {
  const place = await newPlace({ segments: five, flushedUpTo: 4 });
  for (const number of [1, 2, 3, 4]) await place.archive1(number);
  return place;
}

function verify(place: Place, deep: boolean, atSource: readonly SegmentName[] = []) {
  return verifyArchive({
    store: place.store,
    source: 'orders',
    naming: place.source.naming,
    consecutive: true,
    atSource,
    signal: new AbortController().signal,
    ...(deep && { deep: createInlineThreads() }),
  });
}

test.each([false, true])('a sound archive passes (deep: %s)', async (deep) => {
  expect(await verify(await archived(), deep)).toEqual({ segments: 4, gaps: [], corrupt: [] });
});

test('a missing number is a gap, unless the segment is still at the source', async () => {
  const place = await archived();
  await rm(place.objectPath(2));
  await rm(place.objectPath(3));
  const gap = { source: 'orders', after: nameOf(1), before: nameOf(4), missing: 2 };
  expect((await verify(place, false)).gaps).toEqual([gap]);
  const waiting = [segmentName(2), segmentName(3), segmentName(5)];
  expect((await verify(place, false, waiting)).gaps).toEqual([]);
});

test('a flipped bit in the data is found by the deep verification, and named', async () => {
  const place = await archived();
  const object = await readFile(place.objectPath(3));
  object.writeUInt8(object.readUInt8(30) ^ 1, 30);
  await writeFile(place.objectPath(3), object);
  expect((await verify(place, true)).corrupt).toMatchObject([
    { source: 'orders', segment: nameOf(3), code: 'object-corrupt' },
  ]);
});

test('an object under a wrong name is found without decoding', async () => {
  const place = await archived();
  await rename(place.objectPath(3), place.objectPath(7));
  expect((await verify(place, false)).corrupt).toMatchObject([
    { segment: nameOf(7), code: 'object-corrupt' },
  ]);
});

test('the list is in order; the index spares reading manifests, and may be deleted', async () => {
  const place = await archived();
  const first = await listed(place);
  expect(first.lines.map((line) => line.segment)).toEqual([1, 2, 3, 4].map(nameOf));
  expect(first.lines[0]).toMatchObject({ source: 'orders', bytes: textOf(1).length });
  expect(first.reads).toBe(4);
  expect(await listed(place)).toEqual({ lines: first.lines, reads: 0 });
  await rm(`${place.root}/cache`, { recursive: true });
  expect(await listed(place)).toEqual(first);
});

test('the backlog counts segments, bytes and the age of the oldest', async () => {
  const place = await newPlace({ segments: five, flushedUpTo: 2 });
  const view = createDueView(nodeDisk, await place.open());
  const backlog = await measureBacklog(nodeDisk, place.source, view);
  expect(backlog).toMatchObject({ dueSegments: 2, dueBytes: 2 * textOf(1).length });
  expect(backlog.oldestDueAgeMs).toBeGreaterThanOrEqual(0);
});

async function listed(place: Place): Promise<{ lines: ArchivedSegment[]; reads: number }> {
  let reads = 0;
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ operation, path }) => {
      if (operation === 'openRead' && path.endsWith('.zst')) reads += 1;
    },
  });
  const store = openStore(place.archive, { disk });
  const index = await openManifestIndex(nodeDisk, `${place.root}/cache`, store.url, 'orders');
  const lines: ArchivedSegment[] = [];
  const { naming } = place.source;
  for await (const line of listArchive({ store, source: 'orders', naming, index }))
    lines.push(line);
  await index.save();
  return { lines, reads };
}
