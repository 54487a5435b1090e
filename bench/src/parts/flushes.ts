/** The earlier design's workload: flushes of five files each, one after another, each awaited until it is archived. */
import { bare, bareInBatches } from '../contestants/bare.ts';
import type { Cleaned, Contestant, Place, Runner } from '../contestants/contestant.ts';
import { cleanupUpTo, cleanupUpToSync } from '../contestants/in-process.ts';
import { queueWithWorkers } from '../contestants/queue.ts';
import { median, spreadOf, type Spread } from '../figures.ts';
import { FILES_A_FLUSH, type PlannedSet, type SegmentSets } from '../input/segment-sets.ts';
import { measureRounds, type BenchSite, type StandingOf } from '../measure/measure-rounds.ts';
import { metered } from '../measure/process-meter.ts';
import { runsOf, timesOf } from '../measure/summary.ts';
import { verifyObjects } from '../measure/verify-objects.ts';

/** The flushes of one contestant in one round. */
export interface FlushRun {
  readonly flushes: readonly Cleaned[];
  /** Median of its flushes. */
  readonly flushMs: number;
  /** Of all flushes and processes together. */
  readonly cpuSeconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface FlushSummary {
  /** From `flushed()` until the five files are archived: medians of the rounds. */
  readonly flushMs: Spread;
  /** Until the call gave control back to its caller. */
  readonly callMs: number;
  readonly megabytesPerSecond: number;
  readonly flushesPerSecond: number;
  /** A flush's time over that of `bare` in the same round. */
  readonly timesBare: Spread | null;
  readonly cpuMsPerSegment: number;
  readonly ratio: number;
}

export interface FlushStanding extends StandingOf<FlushRun> {
  readonly summary: FlushSummary | undefined;
}

export interface FlushReport {
  readonly id: PlannedSet;
  readonly title: string;
  readonly flushes: number;
  readonly fileBytes: number;
  readonly contestants: readonly FlushStanding[];
}

const setIds = ['0.5MB', '2MB'] as const satisfies readonly PlannedSet[];

const contestants: readonly Contestant[] = [
  bare,
  bareInBatches,
  cleanupUpToSync,
  cleanupUpTo,
  { ...queueWithWorkers(1), title: 'queue: flushed()' },
];

/** The number of calls of `onMeasured` by `measureFlushes`. */
export const flushesSteps = ({ rounds }: BenchSite): number =>
  setIds.length * contestants.length * rounds;

export async function measureFlushes(site: BenchSite, sets: SegmentSets): Promise<FlushReport[]> {
  const reports: FlushReport[] = [];
  for (const id of setIds) {
    const set = await sets.get(id);
    const standings = await measureRounds(site, set, contestants, flushAll);
    reports.push({
      id,
      title: `${FILES_A_FLUSH} files of ${set.title}`,
      flushes: set.measured.length / FILES_A_FLUSH,
      fileBytes: set.measured[0]?.bytes ?? 0,
      contestants: standings.map((one) => ({ ...one, summary: summarize(one, standings) })),
    });
  }
  return reports;
}

async function flushAll(contestant: Contestant, runner: Runner, place: Place): Promise<FlushRun> {
  const { warmUp, measured } = place.input;
  for (const { name } of everyFlush(warmUp)) await runner.clean(name);
  const { result: flushes, usage } = await metered(async () => {
    const cleaned: Cleaned[] = [];
    for (const { name } of everyFlush(measured)) cleaned.push(await runner.clean(name));
    return cleaned;
  });
  const { bytesIn, bytesOut } = await verifyObjects(contestant, place);
  const flushMs = median(flushes.map(({ wallMs }) => wallMs));
  return { flushes, flushMs, cpuSeconds: usage.cpuSeconds, bytesIn, bytesOut };
}

/** The last file of each flush. */
const everyFlush = <T>(files: readonly T[]): T[] =>
  files.filter((_, index) => (index + 1) % FILES_A_FLUSH === 0);

export function summarize(
  { runs }: StandingOf<FlushRun>,
  all: readonly StandingOf<FlushRun>[],
): FlushSummary | undefined {
  const [first] = runs;
  if (first === undefined) return undefined;
  const flushMs = spreadOf(runs.map((run) => run.flushMs));
  const bytes = first.bytesIn / first.flushes.length;
  const calls = runs.flatMap(({ flushes }) => flushes.map(({ callMs }) => callMs));
  return {
    flushMs,
    callMs: median(calls),
    megabytesPerSecond: bytes / 1e3 / flushMs.median,
    flushesPerSecond: 1000 / flushMs.median,
    timesBare: timesOf(runs, runsOf(all, bare.id), (run) => run.flushMs),
    cpuMsPerSegment:
      (1000 * median(runs.map(({ cpuSeconds }) => cpuSeconds))) /
      (first.flushes.length * FILES_A_FLUSH),
    ratio: first.bytesIn / first.bytesOut,
  };
}

interface PublishedFigures extends Pick<
  FlushSummary,
  'callMs' | 'megabytesPerSecond' | 'flushesPerSecond'
> {
  readonly flushMs: number;
  readonly ratio?: number;
}

/** What the earlier design published of the smaller files; its machine is unknown. */
export const earlierDesign: Readonly<Record<'before' | 'after', PublishedFigures>> = {
  before: { callMs: 90, flushMs: 90, megabytesPerSecond: 27, flushesPerSecond: 11 },
  after: { callMs: 0, flushMs: 18, megabytesPerSecond: 138, flushesPerSecond: 55, ratio: 52 },
};
