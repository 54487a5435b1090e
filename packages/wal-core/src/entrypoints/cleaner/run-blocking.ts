/**
 * Blocks the calling thread while another thread runs the same pipeline, so that the blocking call differs from the
 * others
 * only in that it waits.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { BatchReport } from '../../pipeline/report.ts';
import { valueOf, type Answer } from '../../threads/threads.ts';
import { threadFlags } from '../../threads/thread-pool.ts';
import { NOT_STARTED, STARTED, type BlockedCaller, type CleanupRequest } from './blocking-call.ts';
import { toPlain, type CleanupOptions } from './options.ts';

/** Where no thread can be started, the error is an event, which a blocked caller never receives. */
const START_MS_MAX = 30_000;

export function runBlocking(options: CleanupOptions, segment: string): BatchReport {
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const caller: BlockedCaller = { progress, port: port2 };
  const request: CleanupRequest = { cleanup: toPlain(options), segment };
  const thread = new Worker(new URL('watching-thread.js', import.meta.url), {
    workerData: { caller, request },
    ...threadFlags(),
    transferList: [port2],
  });
  Atomics.wait(progress, 0, NOT_STARTED, START_MS_MAX);
  Atomics.wait(progress, 0, STARTED);
  const answer = receiveMessageOnPort(port1)?.message as Answer<BatchReport> | undefined;
  port1.close();
  thread.unref();
  if (answer !== undefined) return valueOf(answer);
  throw new WalqError('thread-died', { message: 'unable to start the archiving thread' });
}
