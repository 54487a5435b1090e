/** One source as the page shows it, from this process's own scan or from a producer's report. */
import type { ProducerRecord, RecentBatch } from '@walq/archive-queue';
import type { Condition, SourceFigures, SourceObservation } from '@walq/wal-core/internal';
import type { QueueObservation } from '../monitor/queue-watch.ts';
import { drainedInS, type SourceTrack } from '../monitor/source-track.ts';
import type {
  DiskView,
  Failure,
  SourceDetails,
  SourceView,
  StageName,
  StageView,
} from './page-state.ts';

export interface ChosenFigures {
  readonly figures: SourceFigures | null;
  readonly from: SourceView['figuresFrom'];
  /** Why there are no figures. */
  readonly problem: Failure | null;
  /** ISO 8601. */
  readonly problemSince: string | null;
}

const OUTDATED_MS = 60_000;

/** The dashboard's own figures if it can read the disk and they are current, else those that a producer reports. */
export function chooseFigures(
  source: string,
  observation: SourceObservation | undefined,
  producers: readonly ProducerRecord[],
): ChosenFigures {
  const reports = producers.flatMap(({ sources }) => sources[source] ?? []);
  const own = observation?.snapshot?.figures;
  const reported = reports.find(({ figures }) => figures !== null)?.figures ?? undefined;
  const noProblem = { problem: null, problemSince: null };
  if (own !== undefined && !isOutdated(own, reported)) {
    return { figures: own, from: 'dashboard', ...noProblem };
  }
  if (reported !== undefined) return { figures: reported, from: 'producer', ...noProblem };
  const problem = observation?.failure ?? null;
  return {
    figures: null,
    from: 'none',
    problem,
    problemSince: observation?.failingSince ?? null,
  };
}

/** While the dashboard's own scan hangs, its last figures grow old and a producer's report is newer. */
function isOutdated(own: SourceFigures, reported: SourceFigures | undefined): boolean {
  if (reported === undefined) return false;
  return Date.parse(reported.takenAt) - Date.parse(own.takenAt) > OUTDATED_MS;
}

interface SourceParts {
  readonly name: string;
  readonly chosen: ChosenFigures;
  readonly track: SourceTrack;
  readonly queues: QueueObservation;
  readonly conditions: readonly Condition[];
}

export function sourceViewOf({
  name,
  chosen,
  track,
  queues,
  conditions,
}: SourceParts): SourceDetails {
  const { figures, from, problem } = chosen;
  const batches = queues.batches[name] ?? [];
  const bytes = segmentBytesOf(figures, batches);
  const rates = track.rates();
  const queue = queues.queues[name];
  return {
    name,
    problem,
    conditions,
    unflushed: figures?.unflushed ?? null,
    figuresFrom: from,
    scannedAt: figures === null ? null : Date.parse(figures.takenAt),
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
    stages: stagesOf(batches),
  };
}

const queueOf = ({ waiting, active, delayed, pause }: QueueObservation['queues'][string]) => ({
  waiting,
  active,
  delayed,
  pause,
});

/** Average size of a segment: of the recently archived ones, else of the backlog. */
export function segmentBytesOf(
  figures: ChosenFigures['figures'],
  batches: readonly RecentBatch[],
): number {
  const segments = batches.reduce((sum, batch) => sum + batch.segments, 0);
  if (segments > 0) return batches.reduce((sum, { bytesIn }) => sum + bytesIn, 0) / segments;
  if (figures === null || figures.dueSegments === 0) return 0;
  return figures.dueBytes / figures.dueSegments;
}

function disksOf(figures: ChosenFigures['figures'], track: SourceTrack): DiskView[] {
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

const durations: readonly (readonly [StageName, (batch: RecentBatch) => number | undefined])[] = [
  ['wait', ({ waitMs }) => waitMs],
  ['read', ({ stages }) => stages?.readMs],
  ['compress', ({ stages }) => stages?.compressMs],
  ['store', ({ stages }) => stages?.storeMs],
  ['confirm', ({ stages }) => stages?.confirmMs],
  // The duration is 0 where the source is kept.
  ['delete', ({ stages }) => stages?.deleteMs || undefined],
];

/** Durations of the recently archived segments, by stage; a segment counts with the average of its batch. */
export const stagesOf = (batches: readonly RecentBatch[]): StageView[] =>
  durations.flatMap(([stage, durationMs]) => {
    const sorted = batches
      .flatMap((batch) => {
        const ms = durationMs(batch);
        return ms === undefined ? [] : [{ ms, segments: batch.segments }];
      })
      .toSorted((a, b) => a.ms - b.ms);
    const count = sorted.reduce((sum, { segments }) => sum + segments, 0);
    if (count === 0) return [];
    const at = (part: number): number => {
      let left = part * count;
      return sorted.find(({ segments }) => (left -= segments) <= 0)?.ms ?? 0;
    };
    return [{ stage, count, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) }];
  });
