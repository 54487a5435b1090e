/** Peak memory of a worker process, as the kernel counts it, while it drains the largest segments. */
import { queueWithWorkers } from '../contestants/queue.ts';
import { median } from '../figures.ts';
import type { SegmentSets } from '../input/segment-sets.ts';
import { inPlace, type BenchSite } from '../measure/measure-rounds.ts';
import { archiveSet } from './segments.ts';

export interface MemoryReport {
  readonly segmentBytes: number;
  readonly peaks: readonly MemoryPeak[];
}

export interface MemoryPeak {
  /** Segments at once. */
  readonly parallelism: number;
  /** Of the worker, the largest of the processes. Median of the rounds. */
  readonly peakBytes: number;
}

export const PARALLELISMS = [1, 3, 5] as const;
const ROUNDS_MAX = 3;

const roundsOf = ({ rounds }: BenchSite): number => Math.min(rounds, ROUNDS_MAX);

/** The number of calls of `onMeasured` by `measureMemory`. */
export const memorySteps = (site: BenchSite): number => PARALLELISMS.length * roundsOf(site);

export async function measureMemory(site: BenchSite, sets: SegmentSets): Promise<MemoryReport> {
  const set = await sets.get(sets.largest);
  const queue = queueWithWorkers(1);
  const peaks: MemoryPeak[] = [];
  for (const parallelism of PARALLELISMS) {
    const bytes: number[] = [];
    for (let round = 0; round < roundsOf(site); round += 1) {
      const run = await inPlace({ ...site, parallelism }, set, queue, (runner, place) =>
        archiveSet(queue, runner, place),
      );
      bytes.push(run.peakBytes);
    }
    peaks.push({ parallelism, peakBytes: median(bytes) });
  }
  return { segmentBytes: Math.max(...set.measured.map(({ bytes }) => bytes)), peaks };
}
