/**
 * Blocks the calling thread while another thread runs the same pipeline, so that the blocking call differs from the
 * others only in that it waits.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { BatchReport } from '../../pipeline/report.ts';
import { valueOf, type Answer } from '../../threads/threads.ts';
import { threadFlags } from '../../threads/thread-pool.ts';
import { NOT_STARTED, STARTED, type BlockedCaller, type BlockingThreads } from './blocking-call.ts';
import { toPlain, type CleanupOptions } from './options.ts';

/** Where no thread can be started, the error is an event, which a caller receives only when it is no longer blocked. */
const START_MS_MAX = 30_000;

interface StartedThreads extends BlockedCaller {
  readonly thread: Worker;
}

/** The blocking calls of a cleaner. Its threads start with the first call and serve the next ones too. */
export class BlockingCalls {
  readonly #options: CleanupOptions;
  #started: StartedThreads | undefined;

  constructor(options: CleanupOptions) {
    this.#options = options;
  }

  cleanUpTo(segment: string): BatchReport {
    const { progress, port } = (this.#started ??= this.#start());
    Atomics.store(progress, 0, NOT_STARTED);
    port.postMessage(segment);
    Atomics.wait(progress, 0, NOT_STARTED, START_MS_MAX);
    Atomics.wait(progress, 0, STARTED);
    const answer = receiveMessageOnPort(port)?.message as Answer<BatchReport> | undefined;
    // The next call starts other threads. These cannot be waited for here; at most they end with the process.
    if (isDead(answer)) void this.close().catch(() => undefined);
    if (answer !== undefined) return valueOf(answer);
    throw new WalqError('thread-died', { message: 'unable to start the archiving thread' });
  }

  #start(): StartedThreads {
    const started = start(this.#options);
    const forget = (): void => {
      if (this.#started === started) this.#started = undefined;
    };
    // Without a listener, a thread that dies between two calls would end the process.
    started.thread.on('error', forget).on('exit', forget);
    return started;
  }

  async close(): Promise<void> {
    const { port, thread } = this.#started ?? {};
    this.#started = undefined;
    port?.close();
    await thread?.terminate();
  }
}

/** Threads that could not load their code, for example for want of descriptors, would fail in the same way for ever. */
const isDead = (answer: Answer<BatchReport> | undefined): boolean =>
  answer === undefined ||
  (!answer.ok && ['thread-died', 'unexpected'].includes(answer.failure.code));

function start(options: CleanupOptions): StartedThreads {
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const { port1: port, port2 } = new MessageChannel();
  const workerData: BlockingThreads = {
    caller: { progress, port: port2 },
    cleanup: toPlain(options),
  };
  const thread = new Worker(new URL('watching-thread.js', import.meta.url), {
    workerData,
    ...threadFlags(),
    transferList: [port2],
  });
  // An idle thread does not keep the process running.
  thread.unref();
  port.unref();
  return { progress, port, thread };
}
