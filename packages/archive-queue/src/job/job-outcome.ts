import type { SegmentReport } from '@walq/wal-core/internal';
import type { Refusal } from './job-data.ts';

/** Why a worker let go of a job without doing it; reconciling brings it back when it is due. */
export type DropReason =
  | Refusal
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
