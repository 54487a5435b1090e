/**
 * Entry of the thread between the blocked caller and the working thread. A thread that runs out of memory ends
 * without an
 * answer, and a blocked caller receives no events: this thread receives them and wakes the caller.
 */
import { Worker, workerData } from 'node:worker_threads';
import { reasonOf } from '../../base/failure/system-error.ts';
import { toFailureRecord, WalqError } from '../../base/failure/walq-error.ts';
import type { BatchReport } from '../../pipeline/report.ts';
import type { Answer } from '../../threads/threads.ts';
import { threadFlags } from '../../threads/thread-pool.ts';
import { ANSWERED, STARTED, type BlockedCaller, type CleanupRequest } from './blocking-call.ts';

const { caller, request } = workerData as { caller: BlockedCaller; request: CleanupRequest };
let isAnswered = false;

notify(STARTED);
const thread = new Worker(new URL('blocking-thread.js', import.meta.url), {
  workerData: request,
  ...threadFlags(),
});
thread.on('message', answerWith);
thread.on('error', (error) => answerWith(died(reasonOf(error))));
thread.on('exit', (code) => answerWith(died(`it exited with code ${code}`)));

/** The first answer counts. */
function answerWith(answer: Answer<BatchReport>): void {
  if (isAnswered) return;
  isAnswered = true;
  caller.port.postMessage(answer);
  notify(ANSWERED);
  caller.port.close();
}

function notify(progress: number): void {
  Atomics.store(caller.progress, 0, progress);
  Atomics.notify(caller.progress, 0);
}

function died(why: string): Answer<never> {
  const message = `the archiving thread died: ${why}`;
  return { ok: false, failure: toFailureRecord(new WalqError('thread-died', { message })) };
}
