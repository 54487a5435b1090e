import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, onTestFinished, test } from 'vitest';
import {
  createCleaner,
  errnoOf,
  listQuarantine,
  type Cleaner,
  type WalqError,
} from '@walq/wal-core/internal';
import { mountTmpfs } from '../../store/tmpfs.ts';
import { nameOf, newPlace, textOf, type Place } from '../../support/place.ts';

function cleanerOf(place: Place): Cleaner {
  const archiveUrl = `file://${place.archive}`;
  const cleaner = createCleaner({ source: place.source, archiveUrl, parallelism: 2 });
  onTestFinished(() => cleaner.close());
  return cleaner;
}

const segments = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [i + 1, textOf(i + 1)]));

test('both in-process calls archive up to and including the segment and return the same report', async () => {
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

test('the blocking call throws what the others reject with', async () => {
  const place = await newPlace({ segments });
  expect(() => cleanerOf(place).cleanupUpToSync('no-segment')).toThrowError(
    expect.objectContaining({ code: 'no-segment' }),
  );
});

test('a cleaner that is used again notices that its directory or its archive is not mounted', async () => {
  const place = await newPlace({ segments });
  const cleaner = cleanerOf(place);
  await cleaner.cleanupUpTo(nameOf(2));
  for (const [mounted, code] of [
    [place.source.directory, 'source-unavailable'],
    [place.archive, 'store-unavailable'],
  ] as const) {
    await rename(mounted, `${place.root}/away`);
    await mkdir(mounted);
    await expect(cleaner.cleanupUpTo(nameOf(3))).rejects.toMatchObject({ code });
    await rmdir(mounted);
    await rename(`${place.root}/away`, mounted);
  }
  expect(await cleaner.cleanupUpTo(nameOf(4))).toMatchObject({ successCount: 2, filesCount: 2 });
});

test('nothing is archived where the watermark cannot be written', async () => {
  const place = await newPlace({ segments });
  const cleaner = cleanerOf(place);
  await cleaner.cleanupUpTo(nameOf(1));
  const watermark = join(place.source.directory, '.walq', 'watermark.json');
  await rm(watermark);
  await mkdir(watermark);
  const left = await place.sourceNames();
  await expect(cleaner.cleanupUpTo(nameOf(3))).rejects.toThrow(/watermark/);
  expect(await place.sourceNames()).toEqual(left);
  await rmdir(watermark);
  expect(await cleaner.cleanupUpTo(nameOf(3))).toMatchObject({ successCount: 2 });
});

test('an engine that started again below its watermark is stopped', async () => {
  const place = await newPlace({ segments });
  const cleaner = cleanerOf(place);
  await cleaner.cleanupUpTo(nameOf(4));
  for (const number of [5, 6]) await rm(place.pathOf(number));
  for (const number of [1, 2, 3]) await writeFile(place.pathOf(number), 'of another start');
  await expect(cleaner.cleanupUpTo(nameOf(2))).rejects.toMatchObject({ code: 'source-reset' });
  expect(await place.sourceNames()).toEqual([1, 2, 3].map(nameOf));
});

/** What no sound engine makes of a sealed segment. */
async function withLinkForSegment(number: number) {
  const place = await newPlace({ segments });
  await rm(place.pathOf(number));
  await symlink('elsewhere', place.pathOf(number));
  return place;
}

test('one bad segment is quarantined, and the others continue', async () => {
  const place = await withLinkForSegment(2);
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

test('a segment that cannot be quarantined has failed for now, and the others continue', async () => {
  const place = await withLinkForSegment(2);
  // In the place of the folder that the quarantine would make.
  const obstacle = join(place.archive, 'orders/_walq/quarantine');
  const failures: (WalqError | undefined)[] = [];
  const cleaner = cleanerOf(place);
  const report = await cleaner.cleanupUpTo(nameOf(4), {
    onStart: () => writeFileSync(obstacle, ''),
    onSegment: (segment, failure) => {
      if (segment.outcome !== 'failed') return;
      failures.push(failure);
      rmSync(obstacle);
    },
  });
  expect(report).toMatchObject({ successCount: 3, filesCount: 4 });
  expect(failures).toMatchObject([
    {
      class: 'retryable',
      message: expect.stringMatching(/quarantine .*2\.bin .*is a symbolic link/),
    },
  ]);
  expect(await place.sourceNames()).toContain(nameOf(2));
  expect(await cleaner.cleanupUpTo(nameOf(4))).toMatchObject({
    files: [{ segment: nameOf(2), outcome: 'quarantined' }],
  });
});

/** More batches than are in flight at the same time. */
const many = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [i + 1, `segment ${i}`]));

test('when a listener throws, nothing is archived or deleted after the rejection', async () => {
  const place = await newPlace({ segments: many });
  const cleaner = cleanerOf(place);
  const onSegment = () => {
    throw new Error('the listener broke');
  };
  await expect(cleaner.cleanupUpTo(nameOf(400), { onSegment })).rejects.toThrow('listener broke');
  const left = await place.sourceNames();
  expect(left.length).toBeGreaterThan(100);
  await cleaner.close();
  expect(await place.sourceNames()).toEqual(left);
});

test('an aborted call rejects with cancelled, before the first segment and in the middle', async () => {
  const place = await newPlace({ segments: many });
  const cleaner = cleanerOf(place);
  const abort = new AbortController();
  const middle = cleaner.cleanupUpTo(nameOf(400), {
    signal: abort.signal,
    onSegment: () => abort.abort('enough'),
  });
  const cancelled = { name: 'WalqError', code: 'cancelled' };
  await expect(middle).rejects.toMatchObject(cancelled);
  const before = cleaner.cleanupUpTo(nameOf(400), { signal: AbortSignal.abort('no') });
  await expect(before).rejects.toMatchObject(cancelled);
  expect((await place.sourceNames()).length).toBeGreaterThan(100);
});

test('a full disk at the source does not stop the archiving that frees it', async ({ skip }) => {
  const place = await newPlace({ segments: {}, flushedUpTo: null });
  const { directory } = place.source;
  if (!(await mountTmpfs(directory, 'size=1m'))) skip('needs root, to mount a small filesystem');
  for (const number of [1, 2, 3]) await place.write(number, textOf(number));
  await place.flush(2);
  const filled = await writeFile(join(directory, 'rest'), Buffer.alloc(1 << 20)).catch(errnoOf);
  expect(filled).toBe('ENOSPC');
  const full = { successCount: 2, filesCount: 2 };
  expect(await cleanerOf(place).cleanupUpTo(nameOf(2))).toMatchObject(full);
  expect(await place.sourceNames()).toEqual(['rest', nameOf(3)]);
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
