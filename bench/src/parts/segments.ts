/** Sets of segments archived by each contestant: a backlog at once, or flush by flush. */
import { bare, bareInBatches } from '../contestants/bare.ts';
import type { Contestant, Place, Runner } from '../contestants/contestant.ts';
import { cleanupUpTo, cleanupUpToSync } from '../contestants/in-process.ts';
import { queueAwaited, queueWithWorkers } from '../contestants/queue.ts';
import { zstdTool } from '../contestants/zstd-tool.ts';
import { piecesOf } from '../figures.ts';
import { bytesOf, type InputSegment } from '../input/input.ts';
import { FILES_A_FLUSH, type SegmentSets, type SetId } from '../input/segment-sets.ts';
import type { Machine } from '../measure/machine.ts';
import { measureRounds, type BenchSite } from '../measure/measure-rounds.ts';
import { metered } from '../measure/process-meter.ts';
import { summarize, type Run, type Standing, type Summary } from '../measure/summary.ts';
import { verifyObjects } from '../measure/verify-objects.ts';

/** A contestant's runs and what they come to. */
export interface Entry extends Standing {
  readonly summary: Summary | undefined;
}

/** One set of segments, and what each contestant did with it. */
export interface SetReport {
  readonly id: SetId;
  readonly title: string;
  readonly segments: number;
  /** Each was awaited before the next one. One: all segments at once. */
  readonly flushes: number;
  readonly bytes: number;
  readonly contestants: readonly Entry[];
}

/** A set, in flushes of so many segments, and who archives it. */
interface Workload {
  readonly set: SetId;
  readonly flushSegments: number;
  readonly contestants: readonly Contestant[];
}

/** A segment as large as a batch is a batch: one way of fsyncing the directories is all there is. */
const isLarge = (id: SetId): boolean => id === '16MiB' || id === 'own';

export const backlogsOf = (sets: SegmentSets, { zstdTool: version }: Machine): Workload[] =>
  sets.ids.map((set) => ({
    set,
    flushSegments: Number.POSITIVE_INFINITY,
    contestants: [
      zstdTool(version ?? undefined),
      bare,
      ...(isLarge(set) ? [cleanupUpToSync] : [bareInBatches]),
      cleanupUpTo,
      queueWithWorkers(1),
      isLarge(set) ? queueWithWorkers(2) : queueAwaited,
    ],
  }));

/** The earlier design's workload. */
export const flushes: readonly Workload[] = (['0.5MB', '2MB'] as const).map((set) => ({
  set,
  flushSegments: FILES_A_FLUSH,
  contestants: [bare, bareInBatches, cleanupUpToSync, cleanupUpTo, queueAwaited],
}));

/** The number of calls of `onMeasured` by `measureWorkloads`. */
export const workloadSteps = ({ rounds }: BenchSite, workloads: readonly Workload[]): number =>
  workloads.flatMap(({ contestants }) => contestants).filter(({ absence }) => absence === undefined)
    .length * rounds;

export async function measureWorkloads(
  site: BenchSite,
  sets: SegmentSets,
  workloads: readonly Workload[],
): Promise<SetReport[]> {
  const reports: SetReport[] = [];
  for (const { set: id, flushSegments, contestants } of workloads) {
    const set = await sets.get(id);
    const standings = await measureRounds(site, set, contestants, (...at) =>
      archiveSet(...at, flushSegments),
    );
    const { title, measured } = set;
    reports.push({
      id,
      title,
      segments: measured.length,
      flushes: Math.ceil(measured.length / Math.min(flushSegments, measured.length)),
      bytes: bytesOf(measured),
      contestants: standings.map((one) => ({ ...one, summary: summarize(one, standings) })),
    });
  }
  return reports;
}

/** Archives the warm-up and then the measured segments in the same way, and verifies that they are archived. */
export async function archiveSet(
  contestant: Contestant,
  runner: Runner,
  place: Place,
  flushSegments = Number.POSITIVE_INFINITY,
): Promise<Run> {
  const archive = async (segments: readonly InputSegment[]): Promise<number[]> => {
    const ms: number[] = [];
    for (const flush of piecesOf(segments, Math.min(flushSegments, segments.length))) {
      ms.push(await runner.clean(flush.at(-1)?.name ?? ''));
    }
    return ms;
  };
  await archive(place.input.warmUp);
  const { result: flushMs, usage } = await metered(() => archive(place.input.measured));
  return { flushMs, ...usage, ...(await verifyObjects(contestant, place)) };
}
