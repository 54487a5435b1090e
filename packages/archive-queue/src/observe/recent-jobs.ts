/** What the last finished jobs of a source say: where their time went. BullMQ keeps them for an hour. */
import { z } from 'zod';
import type { CompletedJob } from '../queue/index.ts';

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
export function toRecentJob({ outcome, sealedAt, takenAt, finishedAt }: CompletedJob): RecentJob[] {
  const report = reportSchema.safeParse(parsed(outcome));
  if (!report.success || finishedAt === undefined) return [];
  return [{ ...report.data, waitMs: waitMsOf(takenAt ?? finishedAt, sealedAt), finishedAt }];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A job's timestamp is when its segment was sealed. Clocks of two hosts may disagree. */
export const waitMsOf = (takenAt: number, sealedAt: number): number =>
  Math.max(0, takenAt - sealedAt);
