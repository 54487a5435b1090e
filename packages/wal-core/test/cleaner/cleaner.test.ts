import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, onTestFinished, test } from 'vitest';
import { createCleaner, listQuarantine, type Cleaner } from '@walq/wal-core';
import { nameOf, newPlace, textOf, type Place } from '../support/place.ts';

function cleanerOf(place: Place): Cleaner {
  const archiveUrl = `file://${place.archive}`;
  const cleaner = createCleaner({ source: place.source, archiveUrl, parallelism: 2 });
  onTestFinished(() => cleaner.close());
  return cleaner;
}

const segments = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [i + 1, textOf(i + 1)]));

test('both in-process rungs archive up to and including the segment and report the same', async () => {
  const [one, other] = [await newPlace({ segments }), await newPlace({ segments })];
  const parallel = await cleanerOf(one).cleanupUpTo(nameOf(4));
  const blocking = cleanerOf(other).cleanupUpToSync(nameOf(4));
  for (const report of [parallel, blocking]) {
    expect(report).toMatchObject({ successCount: 4, filesCount: 4 });
    expect(report.bytesIn).toBe([1, 2, 3, 4].reduce((sum, n) => sum + textOf(n).length, 0));
    expect(report.ratio).toBeCloseTo(report.bytesIn / report.bytesOut, 1);
  }
  expect(parallel.bytesOut).toBe(blocking.bytesOut);
  for (const place of [one, other]) {
    expect(await place.sourceNames()).toEqual([nameOf(5), nameOf(6)]);
    expect(place.unpacked(4).toString()).toBe(textOf(4));
  }
});

test('the blocking rung throws what the others reject with', async () => {
  const place = await newPlace({ segments });
  expect(() => cleanerOf(place).cleanupUpToSync('no-segment')).toThrowError(
    expect.objectContaining({ code: 'segment-name-refused' }),
  );
});

test('one bad segment is quarantined, and the others go on', async () => {
  const place = await newPlace({ segments: { ...segments, 2: '' } });
  const report = await cleanerOf(place).cleanupUpTo(nameOf(4));
  expect(report).toMatchObject({ successCount: 3, filesCount: 4 });
  expect(report.files.find((file) => file.segment === nameOf(2))?.outcome).toBe('quarantined');
  expect(await listQuarantine(place.store, 'orders')).toMatchObject([
    { segment: nameOf(2), code: 'segment-malformed' },
  ]);
  expect(await place.sourceNames()).toContain(nameOf(2));
  const again = await cleanerOf(place).cleanupUpTo(nameOf(4));
  expect(again.filesCount).toBe(0);
});

test('a second run finds nothing to do', async () => {
  const place = await newPlace({ segments });
  await cleanerOf(place).cleanupUpTo(nameOf(6));
  expect(await cleanerOf(place).cleanupUpTo(nameOf(6))).toMatchObject({ filesCount: 0, ratio: 0 });
  expect(await place.sourceNames()).toEqual([nameOf(6)]);
});

test('the event loop stays free while segments are archived', async () => {
  const big = Buffer.alloc(24 * 1024 * 1024, 'some write-ahead log ');
  const place = await newPlace({ segments: { 1: big, 2: big, 3: 'c' } });
  const cleaner = cleanerOf(place);
  await cleaner.cleanupUpTo(nameOf(1));
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const startedMs = performance.now();
  await cleaner.cleanupUpTo(nameOf(2));
  delay.disable();
  expect(delay.max / 1e6).toBeLessThan(performance.now() - startedMs);
  expect(delay.count).toBeGreaterThan(2);
});
