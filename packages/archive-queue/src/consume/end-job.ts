/** Tells BullMQ how an attempt ended, and writes down what must not be lost with Redis. */
import {
  asWalqError,
  fromFailureRecord,
  listQuarantine,
  quarantineSegment,
  toFailureRecord,
  type ArchiveStore,
  type FailureRecord,
} from '@walq/wal-core';
import type { Job } from 'bullmq';
import { DelayedError, UnrecoverableError, WaitingError } from '../bullmq/index.ts';
import { withDeadline } from '../pace/index.ts';
import { parseJob, type JobOutcome } from '../job/index.ts';
import { isAtSource, type SourcePlace } from './is-at-source.ts';
import type { InTurn } from './in-turn.ts';
import type { JobEnding } from './job-event.ts';
import { isStoreFailure, type StoreBreaker } from './store-breaker.ts';

export interface EndContext extends SourcePlace {
  readonly sourceId: string;
  readonly store: ArchiveStore;
  readonly breaker: StoreBreaker;
  /** Name of this worker, for the quarantine's record. */
  readonly worker: string;
  readonly missingMs: number;
  /** Counts the records of segments that are not there before it makes one more. */
  readonly absentInTurn: InTurn;
  readonly onError: (error: Error, what: string) => void;
}

/** Redis may be gone just when a job is given back; then its lock runs out instead. */
const GIVE_BACK_MAX_MS = 1_500;

/** So that the second look is never a hair too early. */
const AGAIN_LATER_MS = 20;

/** Of one failure: segments that are not there get no further record beyond these, which say with the gaps what happened. */
const ABSENT_RECORDS_MAX = 100;

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
  context: EndContext,
  job: Job,
  failure: FailureRecord,
): Promise<JobEnding> {
  const record = (): Promise<JobEnding> => recordQuarantine(context, segmentOf(job), failure);
  try {
    if (await isAtSource(context, segmentOf(job))) return await record();
    return await context.absentInTurn.do(async () => {
      const records = await listQuarantine(context.store, context.source.name);
      const isEnough =
        records.filter(({ code }) => code === failure.code).length >= ABSENT_RECORDS_MAX;
      return isEnough ? { kind: 'dropped', why: 'absent-like-others' } : record();
    });
  } catch (error) {
    return { kind: 'retried', failure: toFailureRecord(asWalqError(error)) };
  }
}

async function recordQuarantine(
  { store, source, worker }: EndContext,
  segment: string,
  failure: FailureRecord,
): Promise<JobEnding> {
  const { code, message, hint } = failure;
  const quarantinedAt = new Date().toISOString();
  const reason = { segment, quarantinedAt, worker, code, message, hint };
  await quarantineSegment(store, source.name, reason);
  return { kind: 'quarantined', failure };
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

async function postpone({ missingMs }: EndContext, job: Job, token: string): Promise<never> {
  await job.moveToDelayed(Date.now() + missingMs + AGAIN_LATER_MS, token);
  throw new DelayedError();
}

async function retry(context: EndContext, job: Job, failure: FailureRecord): Promise<never> {
  await outlive(context, job);
  throw fromFailureRecord(failure);
}

/** A worker that lives to end an attempt has outlived the stalls that were counted before. */
async function outlive({ sourceId }: EndContext, job: Job): Promise<void> {
  const data = parseJob(job.data, sourceId);
  if (typeof data === 'string' || job.stalledCounter === (data.stallsSurvived ?? 0)) return;
  await job.updateData({ ...data, stallsSurvived: job.stalledCounter, startedAlone: false });
}

export const segmentOf = (job: Job): string => {
  const data: unknown = job.data;
  const named = typeof data === 'object' && data !== null && 'segment' in data;
  return named && typeof data.segment === 'string' ? data.segment : (job.id ?? '?');
};
