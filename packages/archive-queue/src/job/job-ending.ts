/** How jobs end: the result that BullMQ keeps, and the event for this process. */
import type { FailureRecord, SegmentReport } from '@walq/wal-core/internal';
import type { ForeignJob } from './archive-job.ts';

/** Why a worker completed a job without running it; reconciling adds the job again if its segment is due. */
export type DropReason =
  | ForeignJob
  | 'no-segment'
  | 'not-flushed'
  | 'below-floor'
  /** Not at the source; the quarantine has the maximum of records for this failure, so this segment gets none. */
  | 'absent-like-others';

export interface DroppedJob {
  readonly outcome: 'dropped';
  readonly why: DropReason;
}

/** The result of a completed job, which BullMQ keeps for the dashboard. Nothing depends on it. */
export type JobOutcome = SegmentReport | DroppedJob;

/** The outcome of one job of this consumer, for logs and metrics. */
export type JobEvent = JobEnding & { readonly source: string; readonly segment: string };

export type JobEnding =
  /** `waitMs`: from sealing until a worker took the job. */
  | { readonly kind: 'archived'; readonly report: SegmentReport; readonly waitMs: number }
  /** Not run: a foreign job, or a segment that is not flushed or not due. */
  | { readonly kind: 'dropped'; readonly why: DropReason }
  /** Returned to the head of the queue, as if never taken: shutdown, lost lease, paused worker, failing archive. */
  | { readonly kind: 'released'; readonly failure: FailureRecord }
  /** Delayed, then tried again. */
  | { readonly kind: 'retried'; readonly failure: FailureRecord }
  /** Neither at the source nor in the archive; searched for once more later. */
  | { readonly kind: 'missing'; readonly failure: FailureRecord }
  /** Recorded durably as quarantined. */
  | { readonly kind: 'quarantined'; readonly failure: FailureRecord };
