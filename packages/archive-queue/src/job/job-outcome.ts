import type { SegmentReport } from '@walq/wal-core';
import { z } from 'zod';
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
  /** Who dropped it, for people: the producer reads it of a job of another source. */
  readonly by?: { readonly host: string; readonly directory: string; readonly sourceId: string };
}

const droppedSchema = z.object({
  outcome: z.literal('dropped'),
  why: z.literal('other-source'),
  by: z.object({ host: z.string(), directory: z.string(), sourceId: z.string() }),
});

/** Who dropped a job as another source's; undefined for every other outcome. */
export const droppedBy = (outcome: unknown): DroppedJob['by'] =>
  droppedSchema.safeParse(outcome).data?.by;

/** What a completed job returns, kept by BullMQ for the dashboard; nothing relies on it. */
export type JobOutcome = SegmentReport | DroppedJob;
