/** How jobs and their segments end: the events for this process, and the result that BullMQ keeps. */
import type { FailureRecord, SegmentReport, StageTimes } from '@walq/wal-core/internal';
import type { ForeignJob } from './archive-job.ts';

/** Why a worker did not archive a segment; reconciling adds it again if it is due. */
export type DropReason =
  | ForeignJob
  | 'no-segment'
  | 'not-flushed'
  | 'below-floor'
  /** Not at the source; the quarantine has the maximum of records for this failure, so this segment gets none. */
  | 'absent-like-others';

/** The outcome of one segment of this consumer, for logs and metrics. */
export type JobEvent = SegmentEnding & { readonly source: string; readonly segment: string };

export type SegmentEnding =
  /** `waitMs`: from sealing until a worker took the job. */
  | { readonly kind: 'archived'; readonly report: SegmentReport; readonly waitMs: number }
  /** Not run: of a foreign job, or a segment that is not flushed or not due. */
  | { readonly kind: 'dropped'; readonly why: DropReason }
  /** Returned to the head of the queue, as if never taken: shutdown, lost lease, paused worker, failing archive. */
  | { readonly kind: 'released'; readonly failure: FailureRecord }
  /** Delayed, then tried again. */
  | { readonly kind: 'retried'; readonly failure: FailureRecord }
  /** Neither at the source nor in the archive; searched for once more later. */
  | { readonly kind: 'missing'; readonly failure: FailureRecord }
  /** Recorded durably as quarantined. */
  | { readonly kind: 'quarantined'; readonly failure: FailureRecord };

export interface EndedSegment {
  readonly segment: string;
  readonly ending: SegmentEnding;
}

/** The result of a completed job, for the dashboard and for callers that wait. Nothing depends on it. */
export interface JobResult {
  /** Segments by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Bytes of the archived segments, as read and as stored. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** How long each stage took for a segment of the batch, on average; absent where none was archived. */
  readonly stages?: StageTimes;
  /** The average from sealing until a worker took the job, in milliseconds; absent where none was archived. */
  readonly waitMs?: number;
  /** The first segments that were not archived: name and why. */
  readonly others?: readonly (readonly [segment: string, why: string])[];
  /** The segments that this job archived; the first of them where all would be too long. */
  readonly archived?: readonly ArchivedSegment[];
}

export type ArchivedSegment = readonly [segment: string, bytesIn: number, durationMs: number];

/** Keep a result small enough for the dashboard to read, whatever the names: a character has up to 6 bytes in JSON. */
const OTHERS_MAX = 10;
const NAME_CHARACTERS_MAX = 100;
const ARCHIVED_BYTES_MAX = 8_192;

export function resultOf(ended: readonly EndedSegment[]): JobResult {
  const archived = ended.flatMap(({ ending }) => (ending.kind === 'archived' ? [ending] : []));
  const reports = archived.map(({ report }) => report);
  const others = ended.flatMap(({ segment, ending }) =>
    ending.kind === 'archived'
      ? []
      : [[segment.slice(0, NAME_CHARACTERS_MAX), whyOf(ending)] as const],
  );
  const outcomes: Record<string, number> = {};
  for (const { ending } of ended) {
    const outcome = ending.kind === 'archived' ? ending.report.outcome : ending.kind;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  const stages = meanStages(reports);
  const entries = shortEnough(reports.filter(({ outcome }) => outcome === 'archived'));
  return {
    outcomes,
    bytesIn: sum(reports.map(({ bytesIn }) => bytesIn)),
    bytesOut: sum(reports.map(({ bytesOut }) => bytesOut)),
    ...(stages && { stages }),
    ...(archived.length > 0 && { waitMs: mean(archived.map(({ waitMs }) => waitMs)) }),
    ...(others.length > 0 && { others: others.slice(0, OTHERS_MAX) }),
    ...(entries.length > 0 && { archived: entries }),
  };
}

function shortEnough(reports: readonly SegmentReport[]): ArchivedSegment[] {
  let bytes = 0;
  const entries: ArchivedSegment[] = [];
  for (const { segment, bytesIn, durationMs } of reports) {
    const entry = [segment, bytesIn, durationMs] as const;
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (bytes > ARCHIVED_BYTES_MAX) break;
    entries.push(entry);
  }
  return entries;
}

const whyOf = (ending: Exclude<SegmentEnding, { readonly kind: 'archived' }>): string =>
  ending.kind === 'dropped' ? ending.why : ending.failure.code;

function meanStages(reports: readonly SegmentReport[]): StageTimes | undefined {
  const all = reports.flatMap(({ stages }) => stages ?? []);
  if (all.length === 0) return undefined;
  const of = (stage: keyof StageTimes): number => mean(all.map((times) => times[stage]));
  return {
    readMs: of('readMs'),
    compressMs: of('compressMs'),
    storeMs: of('storeMs'),
    confirmMs: of('confirmMs'),
    deleteMs: of('deleteMs'),
  };
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

const mean = (values: readonly number[]): number =>
  Math.round((100 * sum(values)) / values.length) / 100;
