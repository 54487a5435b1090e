/** From the runs of one contestant to its figures; MB = 10^6 bytes. */
import { median, spreadOf, type Spread } from '../figures.ts';
import type { StandingOf } from './measure-rounds.ts';

/** One contestant, once. */
export interface Run {
  /** Of each flush, until all its segments are archived. */
  readonly flushMs: readonly number[];
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  /** Archived, decoded and found equal. */
  readonly segments: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export type Standing = StandingOf<Run>;

export interface Summary {
  /** Of each round, the median of its flushes. */
  readonly flushMs: Spread;
  /** Time of a flush over that of `bare` in the same round; null where it did not take part. */
  readonly timesBare: Spread | null;
  /** The same over the `zstd` tool's. */
  readonly timesZstd: Spread | null;
  readonly megabytesPerSecond: number;
  readonly segmentsPerSecond: number;
  /** Of all processes together, for each segment. */
  readonly cpuMsPerSegment: number;
  /** Cores that were busy on average. */
  readonly cores: number;
  /** The largest process, in any round. */
  readonly peakBytes: number;
  /** Plain bytes over stored ones. */
  readonly ratio: number;
}

/** Undefined for one that did not take part. */
export function summarize({ runs }: Standing, all: readonly Standing[]): Summary | undefined {
  const [first] = runs;
  if (first === undefined) return undefined;
  const flushMs = spreadOf(runs.map(timeOf));
  const flushesPerSecond = 1000 / flushMs.median;
  const flushes = first.flushMs.length;
  const cpuMs = median(runs.map(({ cpuSeconds }) => 1000 * cpuSeconds));
  return {
    flushMs,
    timesBare: timesOf(runs, all, 'bare'),
    timesZstd: timesOf(runs, all, 'zstd'),
    megabytesPerSecond: (first.bytesIn / 1e6 / flushes) * flushesPerSecond,
    segmentsPerSecond: (first.segments / flushes) * flushesPerSecond,
    cpuMsPerSegment: cpuMs / first.segments,
    cores: cpuMs / median(runs.map((run) => run.flushMs.reduce((sum, ms) => sum + ms, 0))),
    peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)),
    ratio: first.bytesIn / first.bytesOut,
  };
}

const timeOf = ({ flushMs }: Run): number => median(flushMs);

/** Each round's time over that of the other in the same round; null where it did not take part. */
function timesOf(runs: readonly Run[], all: readonly Standing[], id: string): Spread | null {
  const others = all.find((standing) => standing.id === id)?.runs ?? [];
  const times = runs.flatMap((run, round) => {
    const other = others[round];
    return other === undefined ? [] : [timeOf(run) / timeOf(other)];
  });
  return times.length === 0 ? null : spreadOf(times);
}
