/** One source as the page shows it: from this process's own looks, or from a producer's report. */
import type { ProducerRecord, RecentJob } from '@walq/archive-queue';
import type { Condition, SourceFigures, SourceObservation } from '@walq/wal-core/internal';
import type { QueueObservation } from '../monitor/queue-watch.ts';
import { drainedInS, type SourceTrack } from '../monitor/source-track.ts';
import type { DiskView, Failure, SourceView, StageName, StageView } from './page-state.ts';

export interface Seen {
  readonly figures: SourceFigures | null;
  readonly by: SourceView['seenBy'];
  /** Why nobody sees it. */
  readonly problem: Failure | null;
  /** ISO 8601. */
  readonly problemSince: string | null;
}

const OUTDONE_MS = 60_000;

/** The truth is the disk's; a host that does not see it believes the producer that does. */
export function seenOf(
  source: string,
  observation: SourceObservation | undefined,
  producers: readonly ProducerRecord[],
): Seen {
  const reports = producers.flatMap(({ sources }) => sources[source] ?? []);
  const own = observation?.snapshot?.figures;
  const reported = reports.find(({ figures }) => figures !== null)?.figures ?? undefined;
  const sound = { problem: null, problemSince: null };
  if (own !== undefined && !isOutdone(own, reported)) {
    return { figures: own, by: 'dashboard', ...sound };
  }
  if (reported !== undefined) return { figures: reported, by: 'producer', ...sound };
  const problem = observation?.failure ?? null;
  return { figures: null, by: 'nobody', problem, problemSince: observation?.failingSince ?? null };
}

/** A look of this host that hangs leaves an old one behind, which a report then outdoes. */
function isOutdone(own: SourceFigures, reported: SourceFigures | undefined): boolean {
  if (reported === undefined) return false;
  return Date.parse(reported.takenAt) - Date.parse(own.takenAt) > OUTDONE_MS;
}

interface SourceParts {
  readonly name: string;
  readonly seen: Seen;
  readonly track: SourceTrack;
  readonly queues: QueueObservation;
  readonly conditions: readonly Condition[];
}

export function sourceViewOf({
  name,
  seen,
  track,
  queues,
  conditions,
}: SourceParts): Omit<SourceView, 'level'> {
  const { figures, by, problem } = seen;
  const jobs = queues.jobs[name] ?? [];
  const bytes = segmentBytesOf(figures, jobs);
  const rates = track.rates();
  const queue = queues.queues[name];
  return {
    name,
    problem,
    conditions,
    unflushed: figures?.unflushed ?? null,
    seenBy: by,
    lookedAt: figures === null ? null : Date.parse(figures.takenAt),
    backlog: figures && {
      segments: figures.dueSegments,
      bytes: figures.dueBytes,
      oldestAgeMs: figures.oldestDueAgeMs,
    },
    rates: rates && {
      ...rates,
      arrivalBytes: rates.arrivalSegments * bytes,
      archiveBytes: rates.archiveSegments * bytes,
    },
    drainedInS: figures && drainedInS(figures.dueSegments, rates),
    archived: figures && { segments: figures.archivedSegments, last: figures.lastArchived },
    ratio: figures?.recentRatio ?? null,
    disks: disksOf(figures, track),
    openGaps: figures?.openGaps ?? 0,
    acknowledgedGaps: figures?.acknowledgedGaps ?? 0,
    quarantined: figures?.quarantinedSegments ?? 0,
    lost: figures?.lostSegments ?? 0,
    queue: queue === undefined ? null : queueOf(queue),
    stages: stagesOf(jobs),
  };
}

const queueOf = ({ waiting, active, delayed, pause }: QueueObservation['queues'][string]) => ({
  waiting,
  active,
  delayed,
  pause,
});

/** How large a segment is on average: by those that were archived lately, else by those that wait. */
export function segmentBytesOf(
  figures: Seen['figures'],
  jobs: QueueObservation['jobs'][string],
): number {
  if (jobs.length > 0) return jobs.reduce((sum, { bytesIn }) => sum + bytesIn, 0) / jobs.length;
  if (figures === null || figures.dueSegments === 0) return 0;
  return figures.dueBytes / figures.dueSegments;
}

function disksOf(figures: Seen['figures'], track: SourceTrack): DiskView[] {
  const places = [
    ['source', 'sourceSpace'],
    ['archive', 'archiveSpace'],
  ] as const;
  return places.flatMap(([place, key]) => {
    const space = figures?.[key];
    if (!space) return [];
    const { freeBytes, sizeBytes, filesystem = null } = space;
    return [{ place, freeBytes, sizeBytes, filesystem, fullInS: track.fullInS(key) }];
  });
}

const durations: readonly (readonly [StageName, (job: RecentJob) => number | undefined])[] = [
  ['wait', ({ waitMs }) => waitMs],
  ['read', ({ stages }) => stages?.readMs],
  ['compress', ({ stages }) => stages?.compressMs],
  ['store', ({ stages }) => stages?.storeMs],
  ['confirm', ({ stages }) => stages?.confirmMs],
  // 0 where the source is kept.
  ['delete', ({ stages }) => stages?.deleteMs || undefined],
];

/** Where the time of the last archived segments went, by stage. */
export const stagesOf = (jobs: readonly RecentJob[]): StageView[] =>
  durations.flatMap(([stage, durationMs]) => {
    const sorted = jobs
      .map(durationMs)
      .filter((ms) => ms !== undefined)
      .toSorted((a, b) => a - b);
    if (sorted.length === 0) return [];
    const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
    return [{ stage, count: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) }];
  });
