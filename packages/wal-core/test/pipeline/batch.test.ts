import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { extendLease, newLease, nodeDisk, openStore, watermarkPath } from '@walq/wal-core/internal';
import { failOperation, faultyDisk, type DiskCall } from '@walq/conformance';
import { temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { nameOf, newPlace, textOf, type Place } from '../support/place.ts';

const ALL = [1, 2, 3, 4];
const segments = Object.fromEntries([...ALL, 5].map((number) => [number, textOf(number)]));
const newBatch = () => newPlace({ segments, flushedUpTo: 4 });

async function expectArchived(place: Place, numbers: readonly number[]): Promise<void> {
  const there = await place.sourceNames();
  for (const number of numbers) {
    expect(place.unpacked(number).toString()).toBe(textOf(number));
    expect(there).not.toContain(nameOf(number));
  }
}

test('a batch is archived with one fsync of its shard, one of its source and two reads of the watermark', async () => {
  const place = await newBatch();
  const calls: string[] = [];
  const onDone = ({ operation, path }: DiskCall) => void calls.push(`${operation} ${path}`);
  const disk = faultyDisk(nodeDisk, { onDone });
  expect(await place.archiveAll(ALL, { disk })).toEqual(ALL.map(() => 'archived'));
  await expectArchived(place, ALL);
  const count = (call: string): number => calls.filter((one) => one === call).length;
  expect(count(`syncDirectory ${place.archive}/orders/00000000`)).toBe(1);
  expect(count(`syncDirectory ${place.source.directory}`)).toBe(1);
  expect(count(`openRead ${watermarkPath(place.source)}`)).toBe(2);
});

test('no source is deleted before all objects of the batch are durable', async () => {
  const place = await newBatch();
  const order: string[] = [];
  const disk = faultyDisk(nodeDisk, {
    onDone: ({ operation, path }) => {
      if (operation === 'syncDirectory' && path.endsWith('00000000')) order.push('barrier');
      if (operation === 'unlink' && path.startsWith(place.source.directory)) order.push('delete');
    },
  });
  await place.archiveAll(ALL, { disk });
  expect(order).toEqual(['barrier', ...ALL.map(() => 'delete')]);
});

test('nothing is archived of an empty batch', async () => {
  const place = await newBatch();
  expect(await place.archiveAll([])).toEqual([]);
});

test.each<[string, string, (place: Place) => Promise<unknown>]>([
  ['missing', 'source-missing', (place) => rm(place.pathOf(2))],
  [
    'a link',
    'segment-malformed',
    async (place) => {
      await rm(place.pathOf(2));
      await symlink(place.pathOf(1), place.pathOf(2));
    },
  ],
  [
    'in the archive with other content',
    'duplicate',
    async (place) => {
      await place.archive1(2);
      await place.write(2, 'another');
    },
  ],
  [
    'in the archive and damaged',
    'object-foreign',
    async (place) => {
      await place.archive1(2);
      await writeFile(place.objectPath(2), 'damaged');
      await place.write(2, textOf(2));
    },
  ],
  [
    'in the archive as a directory',
    'object-foreign',
    (place) => mkdir(place.objectPath(2), { recursive: true }),
  ],
])('a segment that is %s fails alone', async (_what, code, spoil) => {
  const place = await newBatch();
  await spoil(place);
  const outcomes = await place.archiveAll(ALL);
  expect(outcomes).toEqual(['archived', code, 'archived', 'archived']);
  await expectArchived(place, [1, 3, 4]);
});

test('a segment that is not flushed, and a name that is none, fail alone', async () => {
  const place = await newBatch();
  const outcomes = await place.archiveAll([1, 5, 2]);
  expect(outcomes).toEqual(['archived', 'segment-not-flushed', 'archived']);
  const { signal } = new AbortController();
  const results = await place.archiver().archive(place.source, ['../x', nameOf(3)], { signal });
  expect(results.map(({ failure }) => failure?.code)).toEqual(['no-segment', undefined]);
});

test('a segment that was archived already, or is gone and archived, is a success among others', async () => {
  const place = await newBatch();
  await place.archive1(1);
  await place.archive1(2);
  await place.write(2, textOf(2));
  const outcomes = await place.archiveAll(ALL);
  expect(outcomes).toEqual(['already-archived', 'already-archived', 'archived', 'archived']);
  await expectArchived(place, ALL);
});

test('the newest segment of a source is archived in its batch and stays', async () => {
  const place = await newPlace({ segments, flushedUpTo: 5 });
  expect(await place.archiveAll([3, 4, 5])).toEqual(['archived', 'archived', 'archived']);
  expect(await place.sourceNames()).toEqual([1, 2, 5].map(nameOf));
});

test('a failed fsync of the shard fails all segments that it covers, and keeps their sources', async () => {
  const place = await newBatch();
  const disk = faultyDisk(nodeDisk, { onCall: failOperation('syncDirectory', 'EIO', /00000000$/) });
  expect(await place.archiveAll(ALL, { disk })).toEqual(ALL.map(() => 'store-fsync-failed'));
  expect(await place.sourceNames()).toHaveLength(5);
  await place.archiveAll(ALL);
  await expectArchived(place, ALL);
});

test('a failed fsync of one shard does not fail the segments of another', async () => {
  const numbers = [9_999, 10_000, 10_001];
  const contents = Object.fromEntries([...numbers, 10_002].map((one) => [one, textOf(one)]));
  const place = await newPlace({ segments: contents, flushedUpTo: 10_001 });
  const disk = faultyDisk(nodeDisk, { onCall: failOperation('syncDirectory', 'EIO', /00000000$/) });
  const outcomes = await place.archiveAll(numbers, { disk });
  expect(outcomes).toEqual(['store-fsync-failed', 'archived', 'archived']);
});

test('a failed fsync of the source fails all segments whose files were deleted; they are archived', async () => {
  const place = await newBatch();
  const { directory } = place.source;
  const disk = faultyDisk(nodeDisk, {
    onCall: failOperation('syncDirectory', 'EIO', new RegExp(`${directory}$`)),
  });
  expect(await place.archiveAll(ALL, { disk })).toEqual(ALL.map(() => 'source-io'));
  expect(await place.archiveAll(ALL)).toEqual(ALL.map(() => 'already-archived'));
  await expectArchived(place, ALL);
});

test('a file that changes after it was archived keeps its source, and the others go', async () => {
  const place = await newBatch();
  const onStep = async (step: string, segment: string): Promise<void> => {
    if (step === 'confirm' && segment === nameOf(3)) await place.write(3, 'changed');
  };
  const outcomes = await place.archiveAll(ALL, { onStep });
  expect(outcomes).toEqual(['archived', 'archived', 'source-changed', 'archived']);
  expect((await place.read(3)).toString()).toBe('changed');
});

test('a batch that is asked to end finishes the segment that it has begun, and no other', async () => {
  const place = await newBatch();
  const ending = new AbortController();
  const onStep = (step: string, segment: string): void => {
    if (step === 'compress' && segment === nameOf(2)) ending.abort();
  };
  const outcomes = await place.archiveAll(ALL, { onStep, options: { finish: ending.signal } });
  expect(outcomes).toEqual(['archived', 'archived', 'cancelled', 'cancelled']);
  await expectArchived(place, [1, 2]);
  expect(await place.archiveNames()).toHaveLength(2);
});

test('a batch that is cancelled deletes nothing more, and leaves no staged file', async () => {
  const place = await newBatch();
  const abort = new AbortController();
  const onStep = (step: string, segment: string): void => {
    if (step === 'stage' && segment === nameOf(3)) abort.abort();
  };
  const outcomes = await place.archiveAll(ALL, { onStep, options: { signal: abort.signal } });
  expect(outcomes).toEqual(ALL.map(() => 'cancelled'));
  expect(await place.sourceNames()).toHaveLength(5);
  expect(await place.archiveNames()).toEqual([]);
});

test('a lease that ends during the deletions keeps the sources that are left', async () => {
  const place = await newBatch();
  const lease = newLease(60_000);
  const onStep = (step: string, segment: string): void => {
    if (step === 'unlink-source' && segment === nameOf(3)) extendLease(lease, -1);
  };
  const outcomes = await place.archiveAll(ALL, { onStep, options: { lease } });
  expect(outcomes).toEqual(['archived', 'archived', 'cancelled', 'cancelled']);
  expect(await place.sourceNames()).toEqual([3, 4, 5].map(nameOf));
});

test('several archivers of one batch all succeed, and there is one correct object of each', async () => {
  const place = await newBatch();
  const twins = await Promise.all(ALL.map(() => place.archiveAll(ALL)));
  for (const at of ALL.keys()) {
    const outcomes = twins.map((twin) => twin[at]);
    expect(outcomes.filter((outcome) => outcome === 'archived')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'already-archived')).toHaveLength(3);
  }
  await expectArchived(place, ALL);
  expect(await place.archiveNames()).toHaveLength(4);
});

test('a store that rejects as a whole fails every segment, and no source is deleted', async () => {
  const archive = await temporaryDirectory();
  const store = openStore(archive.path, { disk: nodeDisk });
  const broken = { ...store, publish: () => Promise.reject(new Error('a bug')) };
  const place = await newPlace({ segments, flushedUpTo: 4, store: broken });
  expect(await place.archiveAll(ALL)).toEqual(ALL.map(() => 'unexpected'));
  expect(await place.sourceNames()).toHaveLength(5);
});
