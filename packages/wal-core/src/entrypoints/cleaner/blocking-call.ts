/** What a blocked caller and its threads share. A file of its own, so that the thread in between starts quickly. */
import type { MessagePort } from 'node:worker_threads';
import type { PlainCleanup } from './options.ts';

/** What the blocked caller asks for. */
export interface CleanupRequest {
  readonly cleanup: PlainCleanup;
  readonly segment: string;
}

/** What wakes the blocked caller: it waits for `progress` to change, then reads the port. */
export interface BlockedCaller {
  readonly progress: Int32Array<SharedArrayBuffer>;
  readonly port: MessagePort;
}

/** The values of `progress`, in order. */
export const NOT_STARTED = 0;
export const STARTED = 1;
export const ANSWERED = 2;
