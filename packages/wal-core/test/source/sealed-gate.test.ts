import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  advanceWatermark,
  createIdentity,
  nodeDisk,
  patternNaming,
  requireIdentity,
  SealedGate,
  type Disk,
  type Source,
} from '@walq/wal-core/internal';
import { aSource, segmentOf } from './a-source.ts';

it('detects a newer segment that was created since its last scan', async () => {
  const source = await aSource();
  const write = (number: number) =>
    writeFile(join(source.directory, segmentOf(number).name), 'segment');
  await write(1);
  const sourceId = await createIdentity(nodeDisk, source);
  const isArchived = async () => false;
  const gate = new SealedGate({ disk: nodeDisk, source, sourceId, isArchived });
  expect(await gate.hasNewer(segmentOf(1))).toBe(false);
  await write(2);
  expect(await gate.hasNewer(segmentOf(1))).toBe(true);
  expect(await gate.hasNewer(segmentOf(2))).toBe(false);
});

it('admits nothing where the engine started again below its watermark, even if that segment is archived', async () => {
  const source = await aSource();
  const write = (number: number) =>
    writeFile(join(source.directory, segmentOf(number).name), 'segment');
  await write(3);
  const sourceId = await createIdentity(nodeDisk, source);
  await advanceWatermark(nodeDisk, source, sourceId, segmentOf(3));
  const isArchived = async () => true;
  const gate = new SealedGate({ disk: nodeDisk, source, sourceId, isArchived });
  await gate.admit(segmentOf(3));
  await rm(join(source.directory, segmentOf(3).name));
  await write(1);
  await write(2);
  await expect(gate.admit(segmentOf(1))).rejects.toMatchObject({ code: 'source-reset' });
  // The watermark's own file is not needed once others follow it.
  await write(4);
  await gate.admit(segmentOf(1));
});

/** Three files for each segment, as in Kafka; by name `log` is between the two others. */
const kinds = ['index', 'log', 'timeindex'];
const fileName = (number: number, kind: string) => `${String(number).padStart(8, '0')}.${kind}`;

async function gateOf(changes: Partial<Source>, numbers: readonly number[]) {
  const source: Source = {
    ...(await aSource()),
    naming: patternNaming(/^(?<number>\d{8})\.(?:index|log|timeindex)$/, 10),
    ...changes,
  };
  for (const number of numbers) {
    for (const kind of kinds) await writeFile(join(source.directory, fileName(number, kind)), 'x');
  }
  const sourceId = await createIdentity(nodeDisk, source);
  const gate = new SealedGate({ disk: nodeDisk, source, sourceId, isArchived: async () => false });
  const segment = (number: number, kind: string) => ({
    name: fileName(number, kind),
    number: BigInt(number),
  });
  return { gate, source, segment };
}

const skipNewest = (count: number) => ({ kind: 'skip-newest', count }) as const;

describe('an engine with several files of one number', () => {
  it.each([
    [1, 20],
    [2, 10],
  ])('has all files of the %i highest numbers left alone', async (count, upTo) => {
    const { gate, segment } = await gateOf({ sealedRule: skipNewest(count) }, [10, 20, 30]);
    expect(await gate.sealedUpTo()).toEqual(segment(upTo, 'timeindex'));
    for (const kind of kinds) {
      await expect(gate.admit(segment(30, kind))).rejects.toMatchObject({
        code: 'segment-not-flushed',
      });
    }
  });

  it('keeps every file of the highest number', async () => {
    const { gate, segment } = await gateOf({}, [10, 20]);
    for (const kind of kinds) {
      expect(await gate.hasNewer(segment(20, kind))).toBe(false);
      expect(await gate.hasNewer(segment(10, kind))).toBe(true);
    }
  });
});

it('takes no directory for a newer segment', async () => {
  const { gate, source, segment } = await gateOf({ sealedRule: skipNewest(1) }, [10, 20]);
  for (const number of [30, 40, 50, 60])
    await mkdir(join(source.directory, fileName(number, 'log')));
  expect(await gate.sealedUpTo()).toEqual(segment(10, 'timeindex'));
  expect(await gate.hasNewer(segment(20, 'log'))).toBe(false);
});

it('takes no directory for a newer segment while another call scans', async () => {
  const { source, segment } = await gateOf({ sealedRule: skipNewest(1) }, [10, 20]);
  await mkdir(join(source.directory, fileName(30, 'log')));
  const newest = segment(20, 'log');
  const seen: boolean[] = [];
  let listings = 0;
  const disk: Disk = {
    ...nodeDisk,
    list: async function* (path) {
      listings += 1;
      // By now the first listing has shown the directory.
      if (listings === 2) {
        seen.push(await gate.hasNewer(newest));
        seen.push(
          await gate.admit(newest).then(
            () => true,
            () => false,
          ),
        );
      }
      yield* nodeDisk.list(path);
    },
  };
  const sourceId = await requireIdentity(nodeDisk, source);
  const gate = new SealedGate({ disk, source, sourceId, isArchived: async () => false });
  expect(await gate.sealedUpTo()).toEqual(segment(10, 'timeindex'));
  expect(seen).toEqual([false, false]);
});

it('scans again when the engine started again with lower numbers', async () => {
  const { gate, source, segment } = await gateOf({ sealedRule: skipNewest(1) }, [10, 20, 30]);
  await gate.admit(segment(20, 'log'));
  for (const number of [10, 20, 30]) {
    for (const kind of kinds) await rm(join(source.directory, fileName(number, kind)));
  }
  await writeFile(join(source.directory, fileName(1, 'log')), 'x');
  await expect(gate.admit(segment(1, 'log'))).rejects.toMatchObject({
    code: 'segment-not-flushed',
  });
});
