/** The original design's measurement: flushes of five files each, one after another, in three ways. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contestant } from '../contestants/contestant.ts';
import { cleanupUpTo, cleanupUpToSync } from '../contestants/in-process.ts';
import { queueWithWorkers } from '../contestants/queue.ts';
import { compressibleWal } from '../input/compressible-wal.ts';
import { type Input, rawName } from '../input/input.ts';
import { readInput } from '../input/read-input.ts';
import { inPlace, type BenchSite } from '../measure/bench-site.ts';
import { startMeter } from '../measure/process-meter.ts';
import { verifyObjects } from '../measure/verify-objects.ts';
import { FILES_A_FLUSH, originalSets, type Figures } from './original-figures.ts';
import { figuresOf, type Flushes } from './original-table.ts';

export interface OriginalStanding {
  readonly title: string;
  readonly figures: Figures;
}

/** One set of files, and how each way did. */
export interface OriginalSet {
  readonly title: string;
  readonly flushes: number;
  readonly ways: readonly OriginalStanding[];
}

const ways: readonly Contestant[] = [
  cleanupUpToSync,
  cleanupUpTo,
  { ...queueWithWorkers(1), title: 'flushed()' },
];

const FLUSHES_A_ROUND = 2;

/** One at a time is all that the blocking way can. */
const parallelismsOf = ({ id }: Contestant, wanted: readonly number[]): readonly number[] =>
  id === cleanupUpToSync.id ? [1] : wanted;

/** As often as `measureOriginal` tells `onMeasured`. */
export const originalSteps = originalSets
  .flatMap(({ parallelisms }) => ways.map((way) => parallelismsOf(way, parallelisms).length))
  .reduce((sum, count) => sum + count, 0);

export async function measureOriginal(site: BenchSite): Promise<OriginalSet[]> {
  const sets: OriginalSet[] = [];
  const flushes = site.rounds * FLUSHES_A_ROUND;
  for (const { title, fileBytes, parallelisms } of originalSets) {
    const input = await makeInput(site, fileBytes, flushes);
    const standings: OriginalStanding[] = [];
    for (const way of ways) {
      standings.push(await measureWay(site, input, way, parallelismsOf(way, parallelisms)));
    }
    sets.push({ title, flushes, ways: standings });
  }
  return sets;
}

async function makeInput(site: BenchSite, fileBytes: number, flushes: number): Promise<Input> {
  const directory = join(site.root, `original-${fileBytes}`);
  await mkdir(directory);
  const count = (flushes + 1) * FILES_A_FLUSH + 1;
  for (let number = 1; number <= count; number += 1) {
    const content = compressibleWal(site.seed + number, fileBytes);
    await writeFile(join(directory, rawName(number)), content);
  }
  const warmUpCount = FILES_A_FLUSH;
  return readInput({ directory, title: 'compressible WAL', warmUpCount, segments: count });
}

async function measureWay(
  site: BenchSite,
  input: Input,
  way: Contestant,
  parallelisms: readonly number[],
): Promise<OriginalStanding> {
  const peaks: Record<number, number> = {};
  let last: Flushes | undefined;
  for (const parallelism of parallelisms) {
    const { peakBytes, ...flushes } = await flushAll({ ...site, parallelism }, input, way);
    peaks[parallelism] = peakBytes / 1e6;
    last = flushes;
  }
  if (last === undefined) throw new Error('every way is measured at some parallelism');
  return { title: way.title, figures: figuresOf(last, peaks) };
}

const flushAll = (site: BenchSite, input: Input, contestant: Contestant) =>
  inPlace(site, input, contestant, async (runner, place) => {
    await runner.clean(input.warmUp.at(-1)?.name ?? '');
    const stop = startMeter();
    const cleaned = [];
    for (let at = FILES_A_FLUSH - 1; at < input.measured.length; at += FILES_A_FLUSH) {
      cleaned.push(await runner.clean(input.measured[at]?.name ?? ''));
    }
    const { cpuSeconds, peakBytes } = stop();
    const { bytesIn, bytesOut } = await verifyObjects(contestant, place);
    const fileBytes = input.measured[0]?.bytes ?? 0;
    const ratio = bytesIn / bytesOut;
    return { filesAFlush: FILES_A_FLUSH, fileBytes, cleaned, cpuSeconds, ratio, peakBytes };
  });
