import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  compareSegments,
  nodeDisk,
  scanSource,
  type Disk,
  type SegmentName,
} from '@walq/wal-core/internal';
import { faultyDisk, failOperation } from '@walq/conformance';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSource, segmentOf } from './a-source.ts';

/** A disk whose one directory has these names, in pieces of this size. */
const diskWith = (names: readonly string[], pieceNames: number): Disk => ({
  ...nodeDisk,
  list: async function* () {
    for (let at = 0; at < names.length; at += pieceNames) yield names.slice(at, at + pieceNames);
  },
});

/** Of several segments of one number, the last by name. */
const lastOfEachNumber = (all: readonly SegmentName[]) =>
  all.filter((one, index) => one.number !== all[index + 1]?.number);

const isEven = (segment: SegmentName) => segment.number % 2n === 0n;

/** Counts those of the given objects that are still referenced. */
class AliveCount {
  #alive = 0;
  readonly #registry = new FinalizationRegistry(() => (this.#alive -= 1));

  watch<T extends object>(object: T): T {
    this.#registry.register(object, undefined);
    this.#alive += 1;
    return object;
  }

  async now(): Promise<number> {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    for (let turn = 0; turn < 3; turn += 1) {
      if (typeof collect === 'function') collect();
      await setImmediate();
    }
    return this.#alive;
  }
}

describe('a scan of a source', () => {
  it('finds the same as sorting all names', async () => {
    const source = await aSource();
    const fileName = fc.oneof(
      fc.nat(500).map((n) => `wal-${n}`),
      fc.nat(20).map((n) => `wal-0${n}`),
      fc.string(),
    );
    const max = fc.nat(40);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fileName, { maxLength: 300 }),
        fc.integer({ min: 1, max: 100 }),
        max,
        max,
        async (names, pieceNames, lowestMax, highestMax) => {
          const options = { lowestMax, highestMax, accept: isEven };
          const scan = await scanSource(diskWith(names, pieceNames), source, options);
          const all = names
            .flatMap((name) => source.naming.parse(name) ?? [])
            .toSorted(compareSegments);
          expect(scan).toEqual({
            lowest: all.filter(isEven).slice(0, lowestMax),
            highest: highestMax === 0 ? [] : lastOfEachNumber(all).slice(-highestMax),
            acceptedCount: all.filter(isEven).length,
          });
        },
      ),
    );
  });

  it('reads a real directory, and neither its subdirectories nor its hidden files', async () => {
    const source = await aSource();
    await mkdir(join(source.directory, '.walq'));
    for (const name of ['wal-3', 'wal-1', 'wal-10', '.wal-4', 'notes', '.walq/wal-7']) {
      await writeFile(join(source.directory, name), 'x');
    }
    const scan = await scanSource(nodeDisk, source, { lowestMax: 2, highestMax: 1 });
    expect(scan).toEqual({
      lowest: [segmentOf(1), segmentOf(3)],
      highest: [segmentOf(10)],
      acceptedCount: 3,
    });
  });

  it('keeps no more in memory than requested, in any order of the names', async () => {
    const source = await aSource();
    const count = 200_000;
    const alive = new AliveCount();
    const parse = (name: string) => alive.watch(segmentOf(Number(name)));
    const counted = { ...source, naming: { ...source.naming, parse } };
    let aliveMax = 0;
    const disk: Disk = {
      ...nodeDisk,
      list: async function* () {
        for (let at = count; at > 0; at -= 1000) {
          if (at % 50_000 === 0) aliveMax = Math.max(aliveMax, await alive.now());
          yield Array.from({ length: 1000 }, (_, n) => String(at - n));
        }
        aliveMax = Math.max(aliveMax, await alive.now());
      },
    };
    const scan = await scanSource(disk, counted, { lowestMax: 10, highestMax: 10 });
    expect(scan.lowest[0]).toEqual(segmentOf(1));
    expect(scan.highest.at(-1)).toEqual(segmentOf(count));
    expect(aliveMax).toBeLessThan(2000);
  });

  it('fails with source-unavailable when the directory cannot be listed', async () => {
    const source = await aSource();
    const options = { lowestMax: 1, highestMax: 1 };
    const failing = faultyDisk(nodeDisk, { onCall: failOperation('list', 'EACCES') });
    await expect(scanSource(failing, source, options)).rejects.toMatchObject({
      code: 'source-unavailable',
      message: expect.stringContaining('EACCES'),
    });
    await rm(source.directory, { recursive: true });
    await expect(scanSource(nodeDisk, source, options)).rejects.toMatchObject({
      code: 'source-unavailable',
      message: expect.stringContaining('it does not exist'),
    });
  });
});
