/** The original design's measurement: flushes of five files each, one after another, in three ways. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cleaned, Contestant } from './contestants/contestant.ts';
import { cleanupUpTo, cleanupUpToSync } from './contestants/in-process.ts';
import { queueWithWorkers } from './contestants/queue.ts';
import { median } from './figures.ts';
import { rawName, readInput, type Input } from './input/input.ts';
import { compressibleWal } from './input/records.ts';
import { inPlace, type BenchSite } from './measure/measure-rounds.ts';
import { startMeter } from './measure/process-meter.ts';
import { verifyObjects } from './measure/verify-objects.ts';

/** At which memory was measured; times are those of the last, where all files of a flush are in work at once. */
export const PARALLELISMS = [1, 3, 5] as const;

/** It measured five files of 2 MB and five of 0.484 MB; its throughput fits the latter: 2.42 MB in 18 ms. */
const originalSets = [
  { title: '5 files of 0.484 MB', fileBytes: 484_000, parallelisms: [5] },
  { title: '5 files of 2 MB', fileBytes: 2_000_000, parallelisms: PARALLELISMS },
] as const;

const FILES_A_FLUSH = 5;

interface OriginalStanding {
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
const parallelismsOf = ({ id }: Contestant, asked: readonly number[]): readonly number[] =>
  id === cleanupUpToSync.id ? [1] : asked;

/** The number of calls of `onMeasured` by `measureOriginal`. */
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

/** MB = 10^6 bytes. */
export interface Figures {
  /** Until the call gave control back. */
  readonly blockingMs: number;
  /** The longest time the event loop was held. */
  readonly heldMs: number;
  /** Until the files are archived. */
  readonly timeMs: number;
  readonly megabytesPerSecond: number;
  readonly flushesPerSecond: number;
  /** Cores that were busy on average. */
  readonly cores: number;
  /** The largest process, at so many files at once. */
  readonly peakMegabytes: Readonly<Record<number, number>>;
  readonly ratio: number;
  readonly fileMs: number;
}

export const originalBefore: Partial<Figures> = {
  blockingMs: 90,
  timeMs: 90,
  megabytesPerSecond: 27,
  flushesPerSecond: 11,
};

export const originalAfter: Partial<Figures> = {
  blockingMs: 0,
  timeMs: 18,
  megabytesPerSecond: 138,
  flushesPerSecond: 55,
  peakMegabytes: { 1: 30, 3: 90, 5: 150 },
  ratio: 52,
  fileMs: 4,
};

/** One way of cleaning up over many flushes of as many files each. */
interface Flushes {
  readonly filesAFlush: number;
  readonly fileBytes: number;
  readonly cleaned: readonly Cleaned[];
  /** All flushes together. */
  readonly cpuSeconds: number;
  readonly ratio: number;
}

/** From flushes as they were measured to the figures of the original design's table. */
export function figuresOf(
  flushes: Flushes,
  peakMegabytes: Readonly<Record<number, number>>,
): Figures {
  const { cleaned, filesAFlush, fileBytes, cpuSeconds, ratio } = flushes;
  const timeMs = median(cleaned.map(({ wallMs }) => wallMs));
  const allMs = cleaned.reduce((sum, { wallMs }) => sum + wallMs, 0);
  return {
    blockingMs: median(cleaned.map(({ callMs }) => callMs)),
    heldMs: median(cleaned.map(({ heldMs }) => heldMs)),
    timeMs,
    megabytesPerSecond: (filesAFlush * fileBytes) / 1e3 / timeMs,
    flushesPerSecond: 1000 / timeMs,
    cores: (cpuSeconds * 1000) / allMs,
    peakMegabytes,
    ratio,
    fileMs: timeMs / filesAFlush,
  };
}
