import type { FailureRecord, SegmentReport } from '@walq/wal-core/internal';
import type { DropReason } from '../job/index.ts';

/** What became of one job of this consumer, for logs and metrics. */
export type JobEvent = JobEnding & { readonly source: string; readonly segment: string };

export type JobEnding =
  /** `waitMs`: from sealing to being taken. */
  | { readonly kind: 'archived'; readonly report: SegmentReport; readonly waitMs: number }
  /** Not for this worker, or not flushed yet. */
  | { readonly kind: 'dropped'; readonly why: DropReason }
  /** Back at the head of the queue, as if never taken: shutdown, lost lease, or a paused source. */
  | { readonly kind: 'given-back'; readonly failure: FailureRecord }
  /** Tried again after a pause. */
  | { readonly kind: 'retried'; readonly failure: FailureRecord }
  /** Neither at the source nor in the archive: looked for once more, later. */
  | { readonly kind: 'missing'; readonly failure: FailureRecord }
  /** Set aside, durably. */
  | { readonly kind: 'quarantined'; readonly failure: FailureRecord };
