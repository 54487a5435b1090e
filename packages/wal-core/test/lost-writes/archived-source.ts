/** A source of three segments and its archive, on a disk in memory. */
import assert from 'node:assert/strict';
import {
  archiveOne,
  advanceWatermark,
  archiveKeyOf,
  createArchiver,
  decodeTo,
  openSource,
  openStore,
  type Archiver,
  type ArchiveStore,
  type Disk,
} from '@walq/wal-core/internal';
import { threadsOn } from './threads-on.ts';
import { binarySource, nameOf, segmentName } from '../support/place.ts';
import { finalNames, putDurably, textAt } from './small-files.ts';

export const source = binarySource('/host/wal');
export const ARCHIVE = '/share/archive';
const shardOf = (number: number): string =>
  `${ARCHIVE}/orders/${Math.floor(number / 10_000)
    .toString()
    .padStart(8, '0')}`;
export const objectPath = (number: number): string => `${shardOf(number)}/${nameOf(number)}.zst`;

/** More than one page, and of different lengths. */
export const contentOf = (number: number): string => `segment ${number} of orders, `.repeat(20);

export const storeOn = (disk: Disk): ArchiveStore => openStore(ARCHIVE, { disk });

const TWO = [1, 2];

/** Segments 1 to 3, flushed up to 2; the archive knows the source and holds nothing. */
export const prepareSource = (disk: Disk): Promise<void> => prepareSegments(disk, TWO);

/** The same with these segments, and the newest. */
export async function prepareSegments(disk: Disk, numbers: readonly number[]): Promise<void> {
  await disk.makeDirectory(source.directory);
  await disk.makeDirectory(ARCHIVE);
  for (const number of withNewest(numbers)) {
    await putDurably(disk, `${source.directory}/${nameOf(number)}`, contentOf(number));
  }
  const { sourceId } = await openSource({
    disk,
    source,
    store: storeOn(disk),
    registerIfNew: true,
  });
  await advanceWatermark(disk, source, sourceId, segmentName(Math.max(...numbers)));
}

export function archiverOn(
  disk: Disk,
  onStep?: (step: string, segment: string) => void,
  store: ArchiveStore = storeOn(disk),
): Archiver {
  return createArchiver({
    disk,
    threads: threadsOn(disk),
    storeOf: () => store,
    level: 1,
    conservative: true,
    worker: 'test:1',
    ...(onStep !== undefined && { onStep }),
  });
}

const newestAfter = (numbers: readonly number[]): number => Math.max(...numbers) + 1;

const withNewest = (numbers: readonly number[]): number[] => [...numbers, newestAfter(numbers)];

/** As one batch. */
export async function archiveBatch(archiver: Archiver, numbers: readonly number[]): Promise<void> {
  const names = numbers.map(nameOf);
  const { signal } = new AbortController();
  for (const { failure } of await archiver.archive(source, names, { signal })) {
    if (failure !== undefined) throw failure;
  }
}

export const archive = (archiver: Archiver, number: number) =>
  archiveOne(archiver, source, nameOf(number), { signal: new AbortController().signal });

/**
 * I1: what is gone from the source is complete in the archive. I5: every object in the archive is complete. And the
 * next run archives the rest.
 */
export const checkSegments =
  (numbers: readonly number[] = TWO) =>
  async (disk: Disk): Promise<void> => {
    for (const shard of new Set(numbers.map(shardOf))) await checkObjects(disk, shard);
    await checkDeletions(numbers)(disk);
    await archiveBatch(archiverOn(disk), numbers);
    for (const number of numbers) {
      assert.equal(await decoded(disk, number), contentOf(number));
    }
    assert.deepEqual(await finalNames(disk, source.directory), [nameOf(newestAfter(numbers))]);
  };

/** I1 only, where another program may have left half an object. */
export const checkDeletions =
  (numbers: readonly number[]) =>
  async (disk: Disk): Promise<void> => {
    for (const number of withNewest(numbers)) {
      const left = await textAt(disk, `${source.directory}/${nameOf(number)}`);
      if (left === undefined) assert.equal(await decoded(disk, number), contentOf(number));
      else assert.equal(left, contentOf(number));
    }
  };

async function checkObjects(disk: Disk, shard: string): Promise<void> {
  for (const name of await finalNames(disk, shard)) {
    const number = Number(/\d+/.exec(name)?.[0]);
    assert.equal(await decoded(disk, number), contentOf(number), `${name} is not whole`);
  }
}

let decodings = 0;

export async function decoded(disk: Disk, number: number): Promise<string | undefined> {
  const path = `/decoded-${(decodings += 1)}`;
  const key = archiveKeyOf(source.name, segmentName(number));
  const threads = threadsOn(disk);
  const { signal } = new AbortController();
  await decodeTo({ store: storeOn(disk), threads, key, path, durable: false, signal });
  return textAt(disk, path);
}
