/** How jobs end: what BullMQ keeps of it, and what this process hears. */
import type { FailureRecord, SegmentReport } from '@walq/wal-core/internal';
import type { ForeignJob } from './archive-job.ts';

/** Why a worker let go of a job without doing it; reconciling brings it back when it is due. */
export type DropReason =
  | ForeignJob
  | 'no-segment'
  | 'not-flushed'
  | 'below-floor'
  /** Not at the source, as so many are that this one gets no record of its own. */
  | 'absent-like-others';

export interface DroppedJob {
  readonly outcome: 'dropped';
  readonly why: DropReason;
}

/** What a completed job returns, kept by BullMQ for the dashboard; nothing relies on it. */
export type JobOutcome = SegmentReport | DroppedJob;

/** What became of one job of this consumer, for logs and metrics. */
export type JobEvent = JobEnding & { readonly source: string; readonly segment: string };

export type JobEnding =
  /** `waitMs`: from sealing to being taken. */
  | { readonly kind: 'archived'; readonly report: SegmentReport; readonly waitMs: number }
  /** Not for this worker, or not flushed yet. */
  | { readonly kind: 'dropped'; readonly why: DropReason }
  /** Back at the head of the queue, as if never taken: shutdown, lost lease, or a paused source. */
  | { readonly kind: 'released'; readonly failure: FailureRecord }
  /** Tried again after a pause. */
  | { readonly kind: 'retried'; readonly failure: FailureRecord }
  /** Neither at the source nor in the archive: looked for once more, later. */
  | { readonly kind: 'missing'; readonly failure: FailureRecord }
  /** Set aside, durably. */
  | { readonly kind: 'quarantined'; readonly failure: FailureRecord };
