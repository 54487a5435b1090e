/**
 * One attempt at one job: from the payload, which nobody trusts, to how the attempt ended. Knows the
 * pipeline and nothing of BullMQ; `end-job.ts` tells BullMQ.
 */
import {
  asWalqError,
  isWalqError,
  toFailureRecord,
  WalqError,
  withNames,
  type Archiver,
} from '@walq/wal-core';
import { parseJob, type ArchiveJob } from '../job/index.ts';
import type { JobEnding } from './job-event.ts';
import { isAtSource, type SourcePlace } from './is-at-source.ts';
import type { MissingSegments } from './missing-segments.ts';
import type { RunAlone } from './run-alone.ts';

export interface AttemptContext extends SourcePlace {
  readonly sourceId: string;
  readonly archiver: Archiver;
  readonly runAlone: RunAlone;
  readonly missing: MissingSegments;
  /** How long a missing segment may be missing before it is lost, in milliseconds. */
  readonly missingMs: number;
}

export interface AttemptedJob {
  readonly payload: unknown;
  /** From sealing to being taken, in milliseconds. */
  readonly waitMs: number;
  /** How often workers died, or lost their lock, while they held this job. */
  readonly stalls: number;
  readonly signal: AbortSignal;
  /** Keeps with the job that it begins to run alone, before it does. */
  readonly noteStartAlone: (job: ArchiveJob) => Promise<void>;
  /** Throws `cancelled` when this process's lease on the job is no longer fresh. */
  readonly assertLease: () => void;
}

/** Two may be a neighbour's fault; the third happens alone. */
const SUSPECT_STALLS = 2;

export async function attempt(
  context: AttemptContext,
  attempted: AttemptedJob,
): Promise<JobEnding> {
  const job = parseJob(attempted.payload, context.sourceId);
  if (typeof job === 'string') return { kind: 'dropped', why: job };
  const stalls = attempted.stalls - (job.stallsSurvived ?? 0);
  const isSuspect = stalls >= SUSPECT_STALLS;
  if (isSuspect && job.startedAlone === true && (await isAtSource(context, job.segment))) {
    return { kind: 'quarantined', failure: recordOf(context, job, stalled(job, stalls)) };
  }
  try {
    const report = await archive(context, attempted, job, isSuspect);
    context.missing.forget(job.segment);
    return { kind: 'archived', report, waitMs: attempted.waitMs };
  } catch (error) {
    const failure = attempted.signal.aborted ? cancelled(error) : asWalqError(error);
    if (failure.code === 'source-missing') return missing(context, job, failure);
    // One that was given back was not looked for to the end.
    if (failure.code !== 'cancelled') context.missing.forget(job.segment);
    // Thrown before anybody looked: a name that somebody made up leaves no record in the archive.
    const isMadeUp =
      failure.code === 'segment-name-refused' && !(await isAtSource(context, job.segment));
    return isMadeUp ? { kind: 'dropped', why: 'no-segment' } : endingOf(failure);
  }
}

async function archive(
  { source, archiver, runAlone }: AttemptContext,
  { signal, assertLease, noteStartAlone }: AttemptedJob,
  job: ArchiveJob,
  isSuspect: boolean,
) {
  const work = async () => {
    signal.throwIfAborted();
    if (isSuspect) await noteStartAlone({ ...job, startedAlone: true });
    return archiver.archive(source, job.segment, { signal, beforeDelete: assertLease });
  };
  return isSuspect ? runAlone.alone(work) : runAlone.beside(work);
}

function endingOf(failure: WalqError): JobEnding {
  if (failure.code === 'segment-not-flushed') return { kind: 'dropped', why: 'not-flushed' };
  // Setting it aside would leave a record in the archive for each name that somebody makes up.
  if (failure.code === 'no-segment') return { kind: 'dropped', why: 'no-segment' };
  if (failure.code === 'below-prune-floor') return { kind: 'dropped', why: 'below-floor' };
  if (failure.code === 'cancelled')
    return { kind: 'given-back', failure: toFailureRecord(failure) };
  const kind = failure.class === 'permanent' ? 'quarantined' : 'retried';
  return { kind, failure: toFailureRecord(failure) };
}

/** A segment is lost when this worker missed it twice, far enough apart that no slow mount explains it. */
function missing(context: AttemptContext, job: ArchiveJob, failure: WalqError): JobEnding {
  if (context.missing.lookedFor(job.segment) < context.missingMs)
    return { kind: 'missing', failure: toFailureRecord(failure) };
  const lost = new WalqError('segment-lost', { message: failure.message, cause: failure });
  return { kind: 'quarantined', failure: recordOf(context, job, lost) };
}

/** With the names of this job in the hint, as the pipeline's own failures have them. */
const recordOf = ({ source }: AttemptContext, { segment }: ArchiveJob, failure: WalqError) =>
  toFailureRecord(withNames(failure, { source: source.name, segment }));

const cancelled = (cause: unknown): WalqError =>
  isWalqError(cause, 'cancelled')
    ? cause
    : new WalqError('cancelled', { message: 'the archiving was stopped', cause });

const stalled = (job: ArchiveJob, stalls: number): WalqError =>
  new WalqError('worker-stalled', {
    message: `${stalls} workers died while they archived segment ${job.segment}`,
  });
