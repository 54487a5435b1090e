import { readdir, rename, rm, truncate } from 'node:fs/promises';
import { temporaryDirectory, type TemporaryDirectory } from '@walq/test-support';
import {
  advanceWatermark,
  createIdentity,
  logSource,
  nodeDisk,
  openLog,
} from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { contentsOf, nameOf, openedLog, text, writeLog } from './opened-log.ts';

async function markFlushed(directory: string, number: number): Promise<void> {
  const source = logSource({ name: 'log', directory });
  const sourceId = await createIdentity(nodeDisk, source);
  const segment = { name: nameOf(number), number: BigInt(number) };
  await advanceWatermark(nodeDisk, source, sourceId, segment);
}

/** A log of five segments with two records each, flushed up to `flushed`. */
async function fiveSegments(flushed: number): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory('log');
  await writeLog(directory.path, [
    ['1', '2'],
    ['3', '4'],
    ['5', '6'],
    ['7', '8'],
    ['9', '10'],
  ]);
  if (flushed > 0) await markFlushed(directory.path, flushed);
  return directory;
}

const lose = async (directory: TemporaryDirectory, ...numbers: number[]): Promise<void> => {
  for (const number of numbers) await rm(directory.at(nameOf(number)));
};

test.each([[[1]], [[1, 2, 3]], [[2]], [[3, 1]]])(
  'segments %j may be gone below the watermark 3',
  async (gone) => {
    const directory = await fiveSegments(3);
    await lose(directory, ...gone);
    const log = await openedLog(directory.path);
    expect(await log.append(text('11'))).toBe(11n);
    expect(await contentsOf(directory.path, 7n)).toEqual(['7:7', '8:8', '9:9', '10:10', '11:11']);
  },
);

test.each([
  [3, [4]],
  [0, [1]],
  [1, [2, 3]],
])('with the watermark %i the loss of %j is refused, by name', async (watermark, gone) => {
  const directory = await fiveSegments(watermark);
  await lose(directory, ...gone);
  const refused = {
    code: 'log-corrupt',
    message: expect.stringContaining(`lost segment ${nameOf(gone[0] ?? 0)}`),
  };
  await expect(openLog({ directory: directory.path })).rejects.toMatchObject(refused);
  await expect(contentsOf(directory.path)).rejects.toMatchObject(refused);
});

test('after all segments were deleted, no name and no sequence number is reused', async () => {
  const directory = await fiveSegments(5);
  await lose(directory, 1, 2, 3, 4, 5);
  const log = await openedLog(directory.path);
  expect(log.currentSegment.name).toBe(nameOf(6));
  expect(await log.append(text('more'))).toBeGreaterThan(10n);
});

test('a highest segment that is marked flushed is never written again', async () => {
  const directory = await fiveSegments(5);
  const log = await openedLog(directory.path);
  expect(log.currentSegment.name).toBe(nameOf(6));
  expect(await log.append(text('11'))).toBe(11n);
  expect(await contentsOf(directory.path, 10n)).toEqual(['10:10', '11:11']);
});

test('a log recovers from a crash at rotation after which the earlier segment was archived', async () => {
  const directory = await fiveSegments(4);
  await truncate(directory.at(nameOf(5)), 7);
  const kept = await openLog({ directory: directory.path });
  expect(await kept.append(text('9'))).toBe(9n);
  await kept.close();
  await truncate(directory.at(nameOf(5)), 7);
  await lose(directory, 1, 2, 3, 4);
  const log = await openedLog(directory.path);
  expect(log.currentSegment.name).toBe(nameOf(5));
  expect(await log.append(text('new'))).toBeGreaterThan(9n);
});

test('damage in a flushed segment does not keep the log from being opened', async () => {
  const directory = await fiveSegments(3);
  await truncate(directory.at(nameOf(2)), 40);
  const log = await openedLog(directory.path);
  expect(await log.append(text('11'))).toBe(11n);
});

test('a segment under the name of another one is refused', async () => {
  const directory = await fiveSegments(3);
  await rename(directory.at(nameOf(5)), directory.at(nameOf(4)));
  await expect(openLog({ directory: directory.path })).rejects.toMatchObject({
    code: 'log-corrupt',
    message: expect.stringContaining('is segment 5 under a wrong name'),
  });
});

test('a watermark without its identity, or of another directory, is refused', async () => {
  const directory = await fiveSegments(3);
  await rm(directory.at('.walq', 'source.json'));
  await expect(openLog({ directory: directory.path })).rejects.toMatchObject({
    code: 'watermark-malformed',
  });
});

test('a new log creates its directory and begins with segment 1 and sequence 1', async () => {
  const directory = await temporaryDirectory('log');
  const log = await openedLog(directory.at('deep', 'log'));
  expect(log.position).toBe(0n);
  expect(await log.append(text('first'))).toBe(1n);
  expect((await readdir(directory.at('deep', 'log'))).toSorted()).toEqual(['.walq', nameOf(1)]);
});
