/**
 * What the main thread and a thread that is busy with a segment tell each other, where no message could: to stop,
 * how far it is, and where its time went.
 */
import { WalqError } from '../base/failure/walq-error.ts';

/** An AbortSignal that a busy thread can see: it looks between chunks. */
export type CancelFlag = Int32Array<SharedArrayBuffer>;

export const newCancelFlag = (): CancelFlag => new Int32Array(new SharedArrayBuffer(4));

export function throwIfCancelled(flag: CancelFlag): void {
  if (Atomics.load(flag, 0) === 0) return;
  throw new WalqError('cancelled', { message: 'the work was cancelled' });
}

/** Runs work with a flag that follows the signal. */
export async function withCancelFlag<T>(
  signal: AbortSignal,
  run: (flag: CancelFlag) => Promise<T>,
): Promise<T> {
  const flag = newCancelFlag();
  const cancel = () => Atomics.store(flag, 0, 1);
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel);
  try {
    return await run(flag);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** How far a thread is with a segment. */
export type SegmentProgress = BigInt64Array<SharedArrayBuffer>;

const DONE = 0;
const TOTAL = 1;

export const newProgress = (): SegmentProgress => new BigInt64Array(new SharedArrayBuffer(16));

export function beginProgress(progress: SegmentProgress | undefined, totalBytes: number): void {
  if (progress === undefined) return;
  Atomics.store(progress, DONE, 0n);
  Atomics.store(progress, TOTAL, BigInt(totalBytes));
}

export function advanceProgress(progress: SegmentProgress | undefined, bytes: number): void {
  if (progress !== undefined) Atomics.add(progress, DONE, BigInt(bytes));
}

/** Plain bytes done, and in all; both 0 before a thread has opened the segment. */
export const readProgress = (progress: SegmentProgress) => ({
  doneBytes: Number(Atomics.load(progress, DONE)),
  bytes: Number(Atomics.load(progress, TOTAL)),
});

/** Where the time of one segment goes in a thread: reading, compressing and writing take turns, chunk by chunk. */
export interface ThreadTimes {
  readonly readMs: number;
  readonly compressMs: number;
  readonly storeMs: number;
  readonly confirmMs: number;
}

export class StageClock {
  readonly #spent = { readMs: 0, compressMs: 0, storeMs: 0, confirmMs: 0 };
  #stage: keyof ThreadTimes;
  #sinceMs = performance.now();

  constructor(stage: keyof ThreadTimes) {
    this.#stage = stage;
  }

  /** From now on time is spent on this stage. */
  to(stage: keyof ThreadTimes): void {
    const nowMs = performance.now();
    this.#spent[this.#stage] += nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
    this.#stage = stage;
  }

  /** What was spent until now. */
  times(): ThreadTimes {
    this.to(this.#stage);
    return { ...this.#spent };
  }
}
