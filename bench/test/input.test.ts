import { temporaryDirectory } from '@walq/test-support';
import { readLog } from '@walq/wal-core/internal';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { compress } from 'zstd-napi';
import { readInput } from '../src/input/input.ts';
import { writeLog } from '../src/input/make-input.ts';
import { compressibleWal, recordsOf } from '../src/input/records.ts';

const some = (seed: number): Buffer => {
  const records = recordsOf(seed);
  return Buffer.concat(Array.from({ length: 1000 }, () => records.next().value));
};

describe('the same seed', () => {
  it('gives the same records, another one others', () => {
    expect(some(1).equals(some(1))).toBe(true);
    expect(some(1).equals(some(2))).toBe(false);
  });

  it('gives the same compressible WAL', () => {
    expect(compressibleWal(1, 100_000).equals(compressibleWal(1, 100_000))).toBe(true);
    expect(compressibleWal(1, 100_000).equals(compressibleWal(2, 100_000))).toBe(false);
  });

  it('writes a log with the same records, in sealed segments of the size asked for', async () => {
    const [one, other] = [await aLog(), await aLog()];
    expect(await digestOf(one)).toBe(await digestOf(other));
    const { kind, measured, warmUp } = await readInput({
      directory: one,
      title: '',
      warmUpCount: 1,
      segments: 2,
    });
    expect({ kind, warmUp: warmUp.length, measured: measured.length }).toEqual({
      kind: 'log',
      warmUp: 1,
      measured: 2,
    });
    for (const { bytes } of measured) expect(bytes).toBeGreaterThan(65_536 - 1000);
  });
});

it('compresses some fifty times, as the original document’s did', () => {
  const wal = compressibleWal(1, 484_000);
  expect(wal.length / compress(wal).length).toBeGreaterThan(40);
  expect(wal.length / compress(wal).length).toBeLessThan(65);
});

describe('a directory of any files', () => {
  it('is numbered in the order of the names; the last stays', async () => {
    const directory = await temporaryDirectory('input');
    for (const name of ['c', 'a', 'b', '.hidden']) await writeFile(directory.at(name), name);
    const options = { directory: directory.path, title: '', warmUpCount: 1, segments: 9 };
    const { kind, warmUp, measured, segments } = await readInput(options);
    expect(kind).toBe('raw');
    expect(segments.map(({ path }) => path)).toEqual(['a', 'b', 'c'].map((at) => directory.at(at)));
    expect(warmUp.map(({ name }) => name)).toEqual(['wal-000001.bin']);
    expect(measured.map(({ name }) => name)).toEqual(['wal-000002.bin']);
  });

  it('is refused with too few', async () => {
    const { path: directory } = await temporaryDirectory('input');
    const reading = readInput({ directory, title: '', warmUpCount: 1, segments: 9 });
    await expect(reading).rejects.toThrow('holds 0 files, at least 3 are needed');
  });
});

async function aLog(): Promise<string> {
  const directory = (await temporaryDirectory('log')).at('wal');
  const { signal } = new AbortController();
  await writeLog({ directory, segments: 3, segmentBytes: 65_536, seed: 7, signal });
  return directory;
}

async function digestOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const { payload } of readLog(directory)) hash.update(payload);
  return hash.digest('hex');
}
