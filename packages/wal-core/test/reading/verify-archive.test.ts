import { mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  acknowledgeGap,
  archiveKeyOf,
  checkObjects,
  createInspector,
  nodeDisk,
  openStore,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { failOperation, faultyDisk } from '@walq/conformance';
import { flipByte } from '../support/flip-byte.ts';
import { nameOf, newPlace, segmentName, textOf } from '../support/place.ts';
import { archived, five, historyOf, verify } from './verified-place.ts';

test.each([false, true])('a sound archive passes (deep: %s)', async (deep) => {
  expect(await verify(await archived(), deep)).toMatchObject({
    segments: 4,
    gaps: [],
    corrupt: [],
    unreadableHistories: new Set(),
    uncheckedTimelines: [],
  });
});

test('a missing number is a gap, unless the segment is still at the source', async () => {
  const place = await archived();
  await rm(place.objectPath(2));
  await rm(place.objectPath(3));
  const gap = { source: 'orders', after: nameOf(1), before: nameOf(4), missing: 2 };
  expect((await verify(place, false)).gaps).toEqual([{ ...gap, acknowledged: null }]);
  const waiting = [segmentName(2), segmentName(3), segmentName(5)];
  expect((await verify(place, false, { atSource: waiting })).gaps).toEqual([]);
});

test('segments at the source beyond the range leave no gap within it', async () => {
  const place = await archived();
  const range = { until: segmentName(2) };
  expect(await verify(place, false, { atSource: [segmentName(5)], range })).toMatchObject({
    segments: 2,
    gaps: [],
  });
});

test('an acknowledged gap is listed with its reason', async () => {
  const place = await archived();
  await rm(place.objectPath(2));
  const known = {
    after: nameOf(1),
    before: nameOf(3),
    reason: 'lost with disk 3',
    by: 'ops',
    at: new Date(0).toISOString(),
  };
  await acknowledgeGap(place.store, 'orders', known);
  expect((await verify(place, false)).gaps).toMatchObject([{ missing: 1, acknowledged: known }]);
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

test.each([false, true])('an object under a wrong name is found (deep: %s)', async (deep) => {
  const place = await archived();
  await rename(place.objectPath(3), place.objectPath(7));
  expect((await verify(place, deep)).corrupt).toMatchObject([
    { segment: nameOf(7), code: 'object-corrupt' },
  ]);
});

test.each([false, true])('an object in the wrong shard is found (deep: %s)', async (deep) => {
  const place = await archived();
  await mkdir(`${place.archive}/orders/00000009`);
  const misplaced = `${place.archive}/orders/00000009/${nameOf(4)}.zst`;
  await rename(place.objectPath(4), misplaced);
  expect((await verify(place, deep)).corrupt).toMatchObject([
    { segment: nameOf(4), code: 'object-foreign', key: `orders/00000009/${nameOf(4)}.zst` },
  ]);
});

test.each([false, true])('a truncated object is found (deep: %s)', async (deep) => {
  const place = await archived();
  await truncate(place.objectPath(2), 100);
  expect((await verify(place, deep)).corrupt).toMatchObject([{ segment: nameOf(2) }]);
});

test('a small budget covers the archive over several runs, the unchecked first, then the oldest', async () => {
  const place = await archived();
  const runs: string[][] = [];
  for (let run = 0; run < 6; run += 1) {
    const checkHistory = await historyOf(place);
    runs.push((await verify(place, true, { checkHistory, bytesMax: 1 })).checked);
    await checkHistory.save();
  }
  expect(runs.map(([first]) => first)).toEqual([1, 2, 3, 4, 1, 2].map(nameOf));
  expect(runs.flat()).toHaveLength(6);
});

test('a corrupt object is reported each time until it is repaired, without being read again', async () => {
  const place = await archived();
  const sound = await readFile(place.objectPath(4));
  await flipByte(place.objectPath(4), 30);
  const checkHistory = await historyOf(place);
  expect((await verify(place, true, { checkHistory })).corrupt).toHaveLength(1);
  await checkHistory.save();

  const found = [{ segment: nameOf(4), code: 'object-corrupt' }];
  expect(
    (await verify(place, false, { checkHistory: await historyOf(place) })).corrupt,
  ).toMatchObject(found);
  const next = await historyOf(place);
  const run = await verify(place, true, { checkHistory: next, bytesMax: 1 });
  expect(run.checked).toEqual([nameOf(1)]);
  expect(run.corrupt).toMatchObject(found);

  // Repaired as `walq repair` does: the old object moved aside, the new one under its name.
  await rename(place.objectPath(4), `${place.root}/aside`);
  await writeFile(place.objectPath(4), sound);
  const repaired = await verify(place, true, { checkHistory: next, bytesMax: 1 });
  expect(repaired).toMatchObject({ checked: [nameOf(4)], corrupt: [] });
});

test('an object that was written to since its check comes first', async () => {
  const place = await archived();
  const checkHistory = await historyOf(place);
  await verify(place, true, { checkHistory });
  await flipByte(place.objectPath(3), 30);
  const run = await verify(place, true, { checkHistory, bytesMax: 1 });
  expect(run).toMatchObject({ checked: [nameOf(3)], corrupt: [{ segment: nameOf(3) }] });
});

test('an archive that becomes unavailable ends a deep verification, and does not count as corrupt', async () => {
  const place = await archived();
  const disk = faultyDisk(nodeDisk, { onCall: failOperation('openRead', 'EIO', /wal-000003/) });
  const store = openStore(place.archive, { disk });
  const threads = createInlineThreads(disk);
  const checkHistory = await historyOf(place);
  const { signal } = new AbortController();
  const queue = [1, 2, 3].map((number) => ({
    store,
    checkHistory,
    key: archiveKeyOf('orders', segmentName(number)),
    name: segmentName(number),
    objectBytes: 1,
    identity: '',
    known: undefined,
  }));
  const run = async () => {
    for await (const one of checkObjects({ threads, queue, signal }))
      expect(one.fault).toBeUndefined();
  };
  await expect(run()).rejects.toMatchObject({ code: 'store-unavailable' });
  // What was checked before is not lost.
  expect(queue.map((one) => checkHistory.find(one) !== undefined)).toEqual([true, true, false]);
});

test('the backlog counts segments, bytes and the age of the oldest', async () => {
  const place = await newPlace({ segments: five, flushedUpTo: 2 });
  await place.open();
  const { figures } = await createInspector({
    disk: nodeDisk,
    source: place.source,
    store: place.store,
  }).snapshot();
  expect(figures).toMatchObject({ dueSegments: 2, dueBytes: 2 * textOf(1).length });
  expect(figures.oldestDueAgeMs).toBeGreaterThanOrEqual(0);
});
