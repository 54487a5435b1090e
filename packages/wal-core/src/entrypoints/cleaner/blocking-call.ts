/** What a blocked caller and its threads share. A file of its own, so that the thread in between starts quickly. */
import type { MessagePort } from 'node:worker_threads';
import type { PlainCleanup } from './options.ts';

/** What wakes the blocked caller: it waits for `progress` to change, then reads the port. */
export interface BlockedCaller {
  readonly progress: Int32Array<SharedArrayBuffer>;
  /** Receives the name of a segment for each call, and gives an answer to each. */
  readonly port: MessagePort;
}

/** What the threads start with. */
export interface BlockingThreads {
  readonly caller: BlockedCaller;
  readonly cleanup: PlainCleanup;
}

/** The values of `progress` in a call, in order. */
export const NOT_STARTED = 0;
export const STARTED = 1;
export const ANSWERED = 2;
