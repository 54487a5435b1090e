import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createArchiver,
  createArchiveThreads,
  newLease,
  nodeDisk,
  type ArchiverOptions,
} from '@walq/wal-core/internal';
import { expect, onTestFinished, test, vi } from 'vitest';
import { nameOf, newPlace, textOf, type Place } from '../support/place.ts';

const ALL = [1, 2, 3, 4, 5];
const segments = Object.fromEntries([...ALL, 6].map((number) => [number, textOf(number)]));
const newBatch = () => newPlace({ segments, flushedUpTo: 5 });
const names = ALL.map(nameOf);
const { signal } = new AbortController();

function archiverIn(place: Place, { threads, ...options }: Partial<ArchiverOptions> = {}) {
  const archiver = createArchiver({
    disk: nodeDisk,
    threads: threads ?? createArchiveThreads({ parallelism: 2 }),
    storeOf: () => place.store,
    level: 3,
    conservative: true,
    worker: 'test:1',
    ...options,
  });
  onTestFinished(() => archiver.close());
  return archiver;
}

test('a batch on idle threads uses all of them, and gives its results in order', async () => {
  const place = await newBatch();
  const archiver = archiverIn(place);
  const archiving = archiver.archive(place.source, names, { signal });
  await expect.poll(() => archiver.busy, { interval: 0 }).toBe(2);
  expect(archiver.inWork()).toHaveLength(2);
  const results = await archiving;
  expect(results.map(({ segment, report }) => [segment, report?.outcome])).toEqual(
    names.map((name) => [name, 'archived']),
  );
  for (const number of ALL) expect(place.unpacked(number).toString()).toBe(textOf(number));
  expect(await place.sourceNames()).toEqual([nameOf(6)]);
  expect(archiver.inWork()).toEqual([]);
});

test('failures of a thread keep their class, message and hint', async () => {
  const place = await newBatch();
  await place.archive1(2);
  await place.write(2, 'other content');
  const results = await archiverIn(place).archive(place.source, names, { signal });
  const { failure } = results[1] ?? {};
  expect(failure).toMatchObject({ code: 'duplicate', class: 'permanent' });
  expect(failure?.message).toContain('different content');
  expect(failure?.hint).toContain('orders');
  expect(results.filter((one) => one.report?.outcome === 'archived')).toHaveLength(4);
});

test('a lease and a signal reach a thread: nothing is deleted after they end', async () => {
  const place = await newBatch();
  const archiver = archiverIn(place);
  const codes = async (options: Parameters<typeof archiver.archive>[2]) =>
    (await archiver.archive(place.source, names, options)).map(({ failure }) => failure?.code);
  expect(await codes({ signal, lease: newLease(-1) })).toEqual(ALL.map(() => 'cancelled'));
  expect(await codes({ signal: AbortSignal.abort() })).toEqual(ALL.map(() => 'cancelled'));
  expect(await codes({ signal, finish: AbortSignal.abort() })).toEqual(ALL.map(() => 'cancelled'));
  expect(await place.sourceNames()).toHaveLength(6);
});

test('a thread that dies fails the segments of its batch, and the next batch succeeds', async () => {
  const place = await newBatch();
  const entry = fileURLToPath(new URL('../threads/dies-once.mjs', import.meta.url));
  vi.stubEnv('WALQ_TEST_DIED', join(place.root, 'died'));
  onTestFinished(() => void vi.unstubAllEnvs());
  const archiver = archiverIn(place, { threads: createArchiveThreads({ parallelism: 1, entry }) });
  const first = await archiver.archive(place.source, names, { signal });
  expect(first.map(({ failure }) => failure?.code)).toEqual(ALL.map(() => 'thread-died'));
  const second = await archiver.archive(place.source, names, { signal });
  expect(second.map(({ report }) => report?.outcome)).toEqual(ALL.map(() => 'archived'));
});

test('the steps of each segment are timed on request', async () => {
  const place = await newBatch();
  const archiver = archiverIn(place, { timesSteps: true });
  for (const { steps = [] } of await archiver.archive(place.source, names, { signal })) {
    expect(steps.map(({ step }) => step)).toEqual([
      'admit',
      'find',
      'stage',
      'compress',
      'publish',
      'confirm',
      'compare-source',
      'unlink-source',
      'sync-source',
    ]);
    for (const { startMs, endMs } of steps) expect(endMs).toBeGreaterThanOrEqual(startMs);
  }
});
