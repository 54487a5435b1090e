/** From the runs of one contestant to its figures; MB = 10^6 bytes. */
import { median, spreadOf, type Spread } from '../figures.ts';
import type { Run, Standing } from './measure-rounds.ts';

export interface Summary {
  readonly seconds: Spread;
  /** Wall time over the floor's of the same round; null where there is no floor. */
  readonly timesFloor: Spread | null;
  readonly megabytesPerSecond: number;
  readonly cpuSeconds: number;
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
export function summarize({ runs }: Standing, floor: Standing | undefined): Summary | undefined {
  const [first] = runs;
  if (first === undefined) return undefined;
  const seconds = spreadOf(runs.map(({ wallMs }) => wallMs / 1000));
  const cpuSeconds = median(runs.map((run) => run.cpuSeconds));
  return {
    seconds,
    timesFloor: timesFloor(runs, floor?.runs ?? []),
    megabytesPerSecond: first.bytesIn / 1e6 / seconds.median,
    cpuSeconds,
    cores: cpuSeconds / seconds.median,
    peakBytes: Math.max(...runs.map((run) => run.peakBytes)),
    ratio: first.bytesIn / first.bytesOut,
    verifiedSegments: Math.min(...runs.map(({ segments }) => segments)),
  };
}

function timesFloor(runs: readonly Run[], floor: readonly Run[]): Spread | null {
  if (floor.length === 0) return null;
  return spreadOf(runs.map(({ wallMs }, round) => wallMs / (floor[round]?.wallMs ?? Number.NaN)));
}
