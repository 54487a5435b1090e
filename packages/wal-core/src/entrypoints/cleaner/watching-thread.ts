/**
 * Entry of the thread between the blocked caller and the working thread. A thread that runs out of memory ends without
 * an answer, and a blocked caller receives no events: this thread receives them and wakes the caller.
 */
import { Worker, workerData } from 'node:worker_threads';
import { reasonOf } from '../../base/failure/system-error.ts';
import { toFailureRecord, WalqError } from '../../base/failure/walq-error.ts';
import type { BatchReport } from '../../pipeline/report.ts';
import type { Answer } from '../../threads/threads.ts';
import { threadFlags } from '../../threads/thread-pool.ts';
import { ANSWERED, STARTED, type BlockingThreads } from './blocking-call.ts';

const { caller, cleanup } = workerData as BlockingThreads;
let isAsked = false;
let death: Answer<never> | undefined;

const thread = new Worker(new URL('blocking-thread.js', import.meta.url), {
  workerData: cleanup,
  ...threadFlags(),
});
thread.on('message', answerWith);
thread.on('error', (error) => died(reasonOf(error)));
thread.on('exit', (code) => died(`it exited with code ${code}`));
caller.port.on('message', (segment: string) => {
  isAsked = true;
  notify(STARTED);
  if (death === undefined) thread.postMessage(segment);
  else answerWith(death);
});

/** The first answer counts. */
function answerWith(answer: Answer<BatchReport>): void {
  if (!isAsked) return;
  isAsked = false;
  caller.port.postMessage(answer);
  notify(ANSWERED);
}

function notify(progress: number): void {
  Atomics.store(caller.progress, 0, progress);
  Atomics.notify(caller.progress, 0);
}

/** It may have died between two calls: then the next one receives this. */
function died(why: string): void {
  const message = `the archiving thread died: ${why}`;
  death ??= { ok: false, failure: toFailureRecord(new WalqError('thread-died', { message })) };
  answerWith(death);
}
