/** A backlog of segments of one size, archived by each contestant. */
import { bare, bareInBatches } from '../contestants/bare.ts';
import type { Contestant, Place, Runner } from '../contestants/contestant.ts';
import { cleanupUpTo, cleanupUpToSync } from '../contestants/in-process.ts';
import { queueWithWorkers } from '../contestants/queue.ts';
import { zstdTool } from '../contestants/zstd-tool.ts';
import { bytesOf, type Input } from '../input/input.ts';
import type { SegmentSets, SetId } from '../input/segment-sets.ts';
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
  readonly kind: Input['kind'];
  readonly segments: number;
  readonly bytes: number;
  readonly warmUpSegments: number;
  readonly contestants: readonly Entry[];
}

/** A segment as large as a batch is a batch: one way of fsyncing the directories is all there is. */
const isLarge = (id: SetId): boolean => id === '16MiB' || id === 'own';

const contestantsFor = (id: SetId, { zstdTool: version }: Machine): Contestant[] => [
  zstdTool(version ?? undefined),
  bare,
  ...(isLarge(id) ? [cleanupUpToSync] : [bareInBatches]),
  cleanupUpTo,
  queueWithWorkers(1),
  ...(isLarge(id) ? [queueWithWorkers(2)] : []),
];

/** The number of calls of `onMeasured` by `measureSegments`. */
export const segmentsSteps = ({ rounds }: BenchSite, sets: SegmentSets, machine: Machine): number =>
  sets.ids
    .flatMap((id) => contestantsFor(id, machine))
    .filter(({ absence }) => absence === undefined).length * rounds;

export async function measureSegments(
  site: BenchSite,
  sets: SegmentSets,
  machine: Machine,
): Promise<SetReport[]> {
  const reports: SetReport[] = [];
  for (const id of sets.ids) {
    const set = await sets.get(id);
    const contestants = contestantsFor(id, machine);
    const standings = await measureRounds(site, set, contestants, measureBacklog);
    const { title, kind, measured, warmUp } = set;
    reports.push({
      id,
      title,
      kind,
      segments: measured.length,
      bytes: bytesOf(measured),
      warmUpSegments: warmUp.length,
      contestants: standings.map((one) => ({ ...one, summary: summarize(one, standings) })),
    });
  }
  return reports;
}

/** Archives all segments at once, and verifies that they are archived. */
export async function measureBacklog(
  contestant: Contestant,
  runner: Runner,
  place: Place,
): Promise<Run> {
  const { warmUp, measured } = place.input;
  await runner.clean(warmUp.at(-1)?.name ?? '');
  const { result, usage } = await metered(() => runner.clean(measured.at(-1)?.name ?? ''));
  return { wallMs: result.wallMs, ...usage, ...(await verifyObjects(contestant, place)) };
}
