/**
 * Blocks the calling thread while another one does the work: the same pipeline, so that the blocking
 * rung of the ladder cannot differ from the others in anything but the waiting.
 */
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import type { BatchReport } from '../pipeline/index.ts';
import { valueOf, type Answer } from '../threads/answer.ts';
import type { CleanupOptions } from './options.ts';
import { toPlain, type PlainCleanup } from './plain-options.ts';

export interface BlockingOrder {
  readonly cleanup: PlainCleanup;
  readonly segment: string;
  readonly done: Int32Array<SharedArrayBuffer>;
  readonly port: MessagePort;
}

export function runBlocking(options: CleanupOptions, segment: string): BatchReport {
  const done = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const order: BlockingOrder = { cleanup: toPlain(options), segment, done, port: port2 };
  const thread = new Worker(new URL('blocking-thread.js', import.meta.url), {
    workerData: order,
    transferList: [port2],
  });
  Atomics.wait(done, 0, 0);
  const answer = receiveMessageOnPort(port1)?.message as Answer<BatchReport> | undefined;
  port1.close();
  thread.unref();
  if (answer === undefined) throw new Error('the blocking thread gave no answer');
  return valueOf(answer);
}
