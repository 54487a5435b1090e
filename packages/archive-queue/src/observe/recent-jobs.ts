/** What the last finished jobs of a source say: where their time went. BullMQ keeps them for an hour. */
import type { Job } from 'bullmq';
import { z } from 'zod';

const ms = z.number().nonnegative();

const reportSchema = z.object({
  segment: z.string(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  outcome: z.string(),
  stages: z
    .object({ readMs: ms, compressMs: ms, storeMs: ms, confirmMs: ms, deleteMs: ms })
    .optional(),
});

export interface RecentJob extends z.infer<typeof reportSchema> {
  /** From sealing to being taken by a worker. */
  readonly waitMs: number;
  /** Milliseconds since 1970. */
  readonly finishedAt: number;
}

/** Jobs that were dropped, or that another version of walq has done, say nothing. */
export function toRecentJob(job: Job): RecentJob[] {
  const report = reportSchema.safeParse(job.returnvalue);
  const { finishedOn, timestamp } = job;
  if (!report.success || finishedOn === undefined) return [];
  const waitMs = waitMsOf(job.processedOn ?? finishedOn, timestamp);
  return [{ ...report.data, waitMs, finishedAt: finishedOn }];
}

/** A job's timestamp is when its segment was sealed. Clocks of two hosts may disagree. */
export const waitMsOf = (takenAt: number, sealedAt: number): number =>
  Math.max(0, takenAt - sealedAt);
