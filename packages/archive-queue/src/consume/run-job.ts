/** What a worker does with a job that it was handed: one attempt, and the end that BullMQ is told. */
import { toFailureRecord, WalqError } from '@walq/wal-core';
import type { Job } from 'bullmq';
import type { JobOutcome } from '../job/index.ts';
import { waitMsOf } from '../observe/index.ts';
import { attempt, type AttemptContext } from './attempt.ts';
import { endJob, type EndContext } from './end-job.ts';
import type { JobEnding } from './job-event.ts';
import type { HeldJob, HoldReason } from './queue-worker.ts';

export interface RunContext extends AttemptContext, EndContext {
  /** Why no jobs are to be taken now. */
  readonly holds: ReadonlySet<HoldReason>;
  /** Hears how the job ended, before BullMQ does. */
  readonly tell: (job: Job, ending: JobEnding) => void;
}

export async function runJob(
  context: RunContext,
  job: Job,
  token: string,
  held: HeldJob,
): Promise<JobOutcome> {
  const ending = await attemptUnlessHeld(context, job, held);
  return endJob(context, job, token, ending, (told) => context.tell(job, told));
}

/** A worker that was held while it waited for a job may still be handed one. */
async function attemptUnlessHeld(context: RunContext, job: Job, held: HeldJob): Promise<JobEnding> {
  const [reason] = context.holds;
  if (reason !== undefined) {
    return { kind: 'given-back', failure: toFailureRecord(cancelled(reason)) };
  }
  return attempt(context, {
    payload: job.data,
    waitMs: waitMsOf(job.processedOn ?? Date.now(), job.timestamp),
    stalls: job.stalledCounter,
    signal: withReason(held.signal),
    assertLease: () => assertFresh(held),
    noteStartAlone: (data) => job.updateData(data),
  });
}

/** BullMQ aborts with a text; the pipeline wants a failure that it can pass on. */
function withReason(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(cancelled(String(signal.reason)));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return controller.signal;
}

function assertFresh(held: HeldJob): void {
  if (!held.isLeaseFresh()) throw cancelled('the lease on the job may have been lost');
}

const cancelled = (why: string): WalqError =>
  new WalqError('cancelled', { message: `given back: ${why}` });
