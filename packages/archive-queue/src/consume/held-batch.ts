/** A job that this worker holds, with its batch: whether a segment has it alone, and which stalls count. */
import type { Job } from 'bullmq';
import { jobIdOf, type ArchiveJob, type BatchSegment } from '../job/archive-job.ts';
import type { ArchiveQueue } from '../queue/archive-queue.ts';
import type { LeasedJob } from './queue-worker.ts';

export interface HeldBatch extends LeasedJob {
  readonly job: Job;
  readonly batch: ArchiveJob;
}

/** Only a job with the id of its one segment is found by that segment. */
export const isAlone = ({ job, batch: { segments } }: HeldBatch): boolean =>
  segments.length === 1 && segments[0] !== undefined && job.id === jobIdOf(segments[0].segment);

export const aloneOf = ({ v, sourceId, host }: ArchiveJob, segment: BatchSegment): ArchiveJob => ({
  v,
  sourceId,
  segments: [segment],
  ...(host === undefined ? {} : { host }),
});

const stallsCounted = ({ job, batch }: HeldBatch): number =>
  job.stalledCounter + (batch.stallsBefore ?? 0);

export const stallsOf = (held: HeldBatch): number =>
  stallsCounted(held) - (held.batch.stallsSurvived ?? 0);

/** Replaces the payload, but not of a job that another worker has taken over. */
export const rewrite = ({ job, token }: HeldBatch, data: ArchiveJob, queue: ArchiveQueue) =>
  queue.updateLocked(String(job.id), token, data);

/** Writes what is left of a job. A worker that finishes an attempt has survived the stalls counted before. */
export async function survive(
  held: HeldBatch,
  rest: readonly BatchSegment[],
  queue: ArchiveQueue,
): Promise<void> {
  const { batch } = held;
  const isWhole = rest.length === batch.segments.length;
  if (isWhole && stallsOf(held) === 0) return;
  const stallsSurvived = stallsCounted(held);
  const left = { ...batch, segments: [...rest], stallsSurvived, startedAlone: false };
  await rewrite(held, left, queue);
}
