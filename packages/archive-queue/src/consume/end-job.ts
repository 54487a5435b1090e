/** Tells BullMQ how an attempt ended, and writes down what must not be lost with Redis. */
import {
  asWalqError,
  fromFailureRecord,
  quarantineSegment,
  toFailureRecord,
  type ArchiveStore,
  type FailureRecord,
  type Source,
} from '@walq/wal-core';
import type { Job } from 'bullmq';
import { DelayedError, UnrecoverableError, WaitingError } from '../bullmq/index.ts';
import { withDeadline } from '../pace/index.ts';
import { parseJob, type ArchiveJob, type JobOutcome } from '../job/index.ts';
import type { JobEnding } from './job-event.ts';
import { isStoreFailure, type StoreBreaker } from './store-breaker.ts';

export interface EndContext {
  readonly source: Source;
  readonly sourceId: string;
  readonly store: ArchiveStore;
  readonly breaker: StoreBreaker;
  /** Name of this worker, for the quarantine's record. */
  readonly worker: string;
  readonly missingMs: number;
  readonly onError: (error: Error, what: string) => void;
}

/** Redis may be gone just when a job is given back; then its lock runs out instead. */
const GIVE_BACK_MAX_MS = 1_500;

/** The job's result, or the error that makes BullMQ do what the ending says; `tell` hears of it first. */
export async function endJob(
  context: EndContext,
  job: Job,
  token: string,
  ended: JobEnding,
  tell: (ending: JobEnding) => void,
): Promise<JobOutcome> {
  const ending = await recordEnding(context, job, ended);
  tell(ending);
  if (ending.kind === 'archived') return ending.report;
  if (ending.kind === 'dropped') return { outcome: 'dropped', why: ending.why };
  if (ending.kind === 'quarantined') throw new UnrecoverableError(ending.failure.message);
  if (ending.kind === 'given-back') return giveBack(context, job, token);
  if (ending.kind === 'missing') return postpone(context, job, token);
  return retry(context, job, ending.failure);
}

/** The quarantine is durable before the job ends; where the archive cannot take it, the job is retried. */
async function recordEnding(context: EndContext, job: Job, ending: JobEnding): Promise<JobEnding> {
  const { breaker } = context;
  if (ending.kind === 'archived') breaker.succeeded();
  if (ending.kind === 'retried' && isStoreFailure(fromFailureRecord(ending.failure))) {
    return breaker.failed(fromFailureRecord(ending.failure))
      ? ending
      : { kind: 'given-back', failure: ending.failure };
  }
  if (ending.kind !== 'quarantined') return ending;
  return quarantine(context, job, ending.failure);
}

async function quarantine(
  { store, source, worker }: EndContext,
  job: Job,
  failure: FailureRecord,
): Promise<JobEnding> {
  try {
    const quarantinedAt = new Date().toISOString();
    await quarantineSegment(store, source.name, {
      segment: segmentOf(job),
      quarantinedAt,
      worker,
      code: failure.code,
      message: failure.message,
      hint: failure.hint,
    });
    return { kind: 'quarantined', failure };
  } catch (error) {
    return { kind: 'retried', failure: toFailureRecord(asWalqError(error)) };
  }
}

/** Back to the head of the queue, not counted as an attempt. */
async function giveBack(context: EndContext, job: Job, token: string): Promise<never> {
  const giving = async (): Promise<void> => {
    await outlive(context, job);
    await job.moveToWait(token);
  };
  try {
    await withDeadline(giving(), GIVE_BACK_MAX_MS, `giving back ${segmentOf(job)}`);
  } catch (error) {
    context.onError(
      asWalqError(error),
      'unable to give a job back; it comes back when its lock runs out',
    );
  }
  throw new WaitingError();
}

async function postpone(context: EndContext, job: Job, token: string): Promise<never> {
  const data = ownData(context, job);
  const nowMs = Date.now();
  // A time to come was written before the clock was set back: it begins anew.
  const missingSince = Math.min(data.missingSince ?? nowMs, nowMs);
  await job.updateData({ ...data, missingSince });
  await job.moveToDelayed(missingSince + context.missingMs, token);
  throw new DelayedError();
}

/** A segment that failed otherwise was found: should it be missing again, its time begins anew. */
async function retry(context: EndContext, job: Job, failure: FailureRecord): Promise<never> {
  await outlive(context, job);
  const data = parseJob(job.data, context.sourceId);
  if (typeof data !== 'string' && data.missingSince !== undefined) {
    await job.updateData({ ...data, missingSince: undefined });
  }
  throw fromFailureRecord(failure);
}

/** A worker that lives to end an attempt has outlived the stalls that were counted before. */
async function outlive({ sourceId }: EndContext, job: Job): Promise<void> {
  const data = parseJob(job.data, sourceId);
  if (typeof data === 'string' || job.stalledCounter === (data.stallsSurvived ?? 0)) return;
  await job.updateData({ ...data, stallsSurvived: job.stalledCounter, startedAlone: false });
}

/** Only jobs that were parsed before are retried or postponed. */
function ownData({ sourceId }: EndContext, job: Job): ArchiveJob {
  const data = parseJob(job.data, sourceId);
  if (typeof data === 'string') throw new Error(`a job that was refused (${data}) is not retried`);
  return data;
}

export const segmentOf = (job: Job): string => {
  const data: unknown = job.data;
  const named = typeof data === 'object' && data !== null && 'segment' in data;
  return named && typeof data.segment === 'string' ? data.segment : (job.id ?? '?');
};
