import { writeFile } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import {
  AUTO_LEVELS,
  createThreadPool,
  chooseLevel,
  type LevelMeasurements,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { expect, onTestFinished, test } from 'vitest';
import { noise, records, text } from '../support/contents.ts';

const MEBIBYTE = 1024 * 1024;
const never = new AbortController().signal;
const order = { levels: AUTO_LEVELS, segmentBytesMin: 16 * 1024 };

async function measured(
  content: Uint8Array,
  { threads = createInlineThreads(), levels = AUTO_LEVELS } = {},
): Promise<LevelMeasurements> {
  const directory = await temporaryDirectory('levels');
  const sourcePath = directory.at('segment');
  await writeFile(sourcePath, content);
  return threads.measureLevels({ ...order, levels, sourcePath }, never);
}

const kinds = { records, text, noise };

test.each(Object.entries(kinds))(
  'every level is measured on %s, slice by slice',
  async (_, make) => {
    const { measurements, sampleBytes } = await measured(make(3 * MEBIBYTE));
    expect(sampleBytes).toBe(MEBIBYTE);
    expect(measurements.map(({ level }) => level)).toEqual(AUTO_LEVELS);
    for (const { bytes, sliceMs } of measurements) {
      expect(bytes).toBeGreaterThan(0);
      expect(sliceMs).toHaveLength(8);
    }
    expect(AUTO_LEVELS).toContain(chooseLevel(measurements));
  },
);

test('what cannot be compressed is the same at every level', async () => {
  const { measurements, sampleBytes } = await measured(noise(3 * MEBIBYTE));
  for (const { bytes } of measurements) {
    expect(bytes).toBeGreaterThanOrEqual(sampleBytes);
    expect(bytes).toBeLessThan(1.001 * sampleBytes);
  }
});

test('a higher level makes records smaller: each level is measured with the real encoder', async () => {
  const { measurements } = await measured(records(3 * MEBIBYTE), { levels: [1, 9] });
  expect(measurements.at(-1)?.bytes).toBeLessThan(measurements.at(0)?.bytes ?? 0);
});

test('a pool measures the same as the calling thread', async () => {
  const pool = createThreadPool({ parallelism: 1 });
  onTestFinished(() => pool.close());
  const sizes = ({ measurements }: LevelMeasurements) => measurements.map(({ bytes }) => bytes);
  expect(sizes(await measured(records(MEBIBYTE), { threads: pool }))).toEqual(
    sizes(await measured(records(MEBIBYTE))),
  );
});

test.each([
  [16 * 1024, 1],
  [128 * 1024, 1],
  [128 * 1024 + 1, 2],
  [MEBIBYTE, 8],
])('of a segment of %i bytes the whole is measured, in %i slices', async (bytes, slices) => {
  const { measurements, sampleBytes } = await measured(text(bytes));
  expect(sampleBytes).toBe(bytes);
  expect(measurements[0]?.sliceMs).toHaveLength(slices);
});

test('the end of a long segment is measured as well', async () => {
  const content = Buffer.concat([Buffer.alloc(15 * MEBIBYTE), noise(MEBIBYTE)]);
  const { measurements, sampleBytes } = await measured(content);
  expect(sampleBytes).toBe(MEBIBYTE);
  for (const { bytes } of measurements) expect(bytes).toBeGreaterThan(128 * 1024);
});

test('a segment that is too short is not measured', async () => {
  for (const bytes of [0, 1, 16 * 1024 - 1]) {
    expect(await measured(text(bytes))).toEqual({ sampleBytes: 0, measurements: [] });
  }
});

test('a segment that does not exist is missing, and one that cannot be read is a failure', async () => {
  const directory = await temporaryDirectory('levels');
  const threads = createInlineThreads();
  const of = (sourcePath: string) => threads.measureLevels({ ...order, sourcePath }, never);
  await expect(of(directory.at('none'))).rejects.toMatchObject({ code: 'source-missing' });
  // A directory can be opened and has a size of some kilobytes, but cannot be read.
  await expect(
    threads.measureLevels({ ...order, segmentBytesMin: 1, sourcePath: directory.path }, never),
  ).rejects.toMatchObject({ code: 'source-io' });
});

test('a call that is cancelled stops', async () => {
  const abort = new AbortController();
  abort.abort();
  const directory = await temporaryDirectory('levels');
  await writeFile(directory.at('segment'), text(MEBIBYTE));
  await expect(
    createInlineThreads().measureLevels(
      { ...order, sourcePath: directory.at('segment') },
      abort.signal,
    ),
  ).rejects.toMatchObject({ code: 'cancelled' });
});
