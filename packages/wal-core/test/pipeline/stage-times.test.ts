import { expect, it } from 'vitest';
import {
  archiveOne,
  createThreadPool,
  type SegmentInWork,
  createArchiver,
  nodeDisk,
} from '@walq/wal-core/internal';
import { nameOf, newPlace } from '../support/place.ts';

const big = new Uint8Array(20_000_000).map((_, at) => (at * at) % 251);

it('reports how long each stage of a segment took', async () => {
  const place = await newPlace({ segments: { 1: big, 2: 'newest' }, flushedUpTo: 1 });
  const { stages, durationMs } = await place.archive1(1);
  expect(stages?.readMs).toBeGreaterThan(0);
  expect(stages?.compressMs).toBeGreaterThan(0);
  expect(stages?.storeMs).toBeGreaterThan(0);
  expect(stages?.confirmMs).toBeGreaterThan(0);
  expect(stages?.deleteMs).toBeGreaterThan(0);
  const sum = Object.values(stages ?? {}).reduce((all, ms) => all + ms, 0);
  expect(sum).toBeLessThanOrEqual(durationMs + 5);
});

it('reports the stages of a segment that is archived already', async () => {
  const place = await newPlace({
    segments: { 1: big, 2: 'newest' },
    flushedUpTo: 1,
    source: { afterArchive: 'keep' },
  });
  await place.archive1(1);
  const { outcome, stages } = await place.archive1(1);
  expect(outcome).toBe('already-archived');
  expect(stages).toMatchObject({ compressMs: 0, deleteMs: expect.any(Number) as number });
  expect(stages?.readMs).toBeGreaterThan(0);
  expect(stages?.confirmMs).toBeGreaterThan(0);
});

it('shows segments in flight and their progress, and nothing afterwards', async () => {
  const place = await newPlace({ segments: { 1: big, 2: 'newest' }, flushedUpTo: 1 });
  await place.open();
  const archiver = createArchiver({
    disk: nodeDisk,
    threads: createThreadPool({ parallelism: 1 }),
    storeOf: () => place.store,
    level: 9,
    conservative: true,
    worker: 'test:1',
  });
  try {
    const seen: SegmentInWork[] = [];
    const busy: number[] = [];
    const timer = setInterval(() => {
      seen.push(...archiver.inWork());
      busy.push(archiver.busy);
    }, 1);
    const { signal } = new AbortController();
    await archiveOne(archiver, place.source, nameOf(1), { signal });
    clearInterval(timer);
    expect(seen[0]).toMatchObject({ source: 'orders', segment: nameOf(1) });
    expect(seen.some(({ doneBytes, bytes }) => doneBytes > 0 && doneBytes < bytes)).toBe(true);
    expect(seen.at(-1)).toMatchObject({ bytes: big.length, doneBytes: big.length });
    expect(Math.max(...busy)).toBe(1);
    expect(archiver.inWork()).toEqual([]);
    expect(archiver.busy).toBe(0);
  } finally {
    await archiver.close();
  }
});
