/** From the runs of one contestant to its figures; MB = 10^6 bytes. */
import { median, spreadOf, type Spread } from '../figures.ts';
import type { StandingOf } from './measure-rounds.ts';

/** One contestant, once. */
export interface Run {
  readonly wallMs: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly segments: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export type Standing = StandingOf<Run>;

export interface Summary {
  readonly seconds: Spread;
  /** Wall time over that of `bare` in the same round; null where it did not take part. */
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
  /** Decoded and found equal, in each round. */
  readonly verifiedSegments: number;
}

/** Undefined for one that did not take part. */
export function summarize({ runs }: Standing, all: readonly Standing[]): Summary | undefined {
  const [first] = runs;
  if (first === undefined) return undefined;
  const seconds = spreadOf(runs.map(({ wallMs }) => wallMs / 1000));
  const cpuSeconds = median(runs.map((run) => run.cpuSeconds));
  const wallMs = (run: Run): number => run.wallMs;
  return {
    seconds,
    timesBare: timesOf(runs, runsOf(all, 'bare'), wallMs),
    timesZstd: timesOf(runs, runsOf(all, 'zstd'), wallMs),
    megabytesPerSecond: first.bytesIn / 1e6 / seconds.median,
    segmentsPerSecond: first.segments / seconds.median,
    cpuMsPerSegment: (1000 * cpuSeconds) / first.segments,
    cores: cpuSeconds / seconds.median,
    peakBytes: Math.max(...runs.map((run) => run.peakBytes)),
    ratio: first.bytesIn / first.bytesOut,
    verifiedSegments: Math.min(...runs.map(({ segments }) => segments)),
  };
}

export const runsOf = <R>(
  standings: readonly { readonly id: string; readonly runs: readonly R[] }[],
  id: string,
): readonly R[] => standings.find((standing) => standing.id === id)?.runs ?? [];

/** Each round's time over the floor's in the same round; null where the floor did not take part. */
export function timesOf<R>(
  runs: readonly R[],
  floor: readonly R[],
  timeOf: (run: R) => number,
): Spread | null {
  const pairs = runs.flatMap((run, round) => {
    const base = floor[round];
    return base === undefined ? [] : [timeOf(run) / timeOf(base)];
  });
  return pairs.length === 0 ? null : spreadOf(pairs);
}
