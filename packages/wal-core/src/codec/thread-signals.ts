/**
 * Shared memory between the main thread and a busy thread, which cannot receive messages: cancellation, the lease and
 * progress; and the time of each stage.
 */
import { WalqError } from '../base/failure/walq-error.ts';

/** An AbortSignal for a busy thread, which checks it between chunks. */
export type CancelFlag = Int32Array<SharedArrayBuffer>;

export const newCancelFlag = (): CancelFlag => new Int32Array(new SharedArrayBuffer(4));

export function throwIfCancelled(flag: CancelFlag): void {
  if (Atomics.load(flag, 0) === 0) return;
  throw new WalqError('cancelled', { message: 'the work was cancelled' });
}

/** What stops work: a signal of this thread, or the flag of another thread. */
export type Stop = AbortSignal | CancelFlag;

export const isStopped = (stop: Stop): boolean =>
  stop instanceof AbortSignal ? stop.aborted : Atomics.load(stop, 0) !== 0;

/** Runs work with a flag that follows the signal. */
export async function withCancelFlag<T>(
  stop: Stop,
  run: (flag: CancelFlag) => Promise<T>,
): Promise<T> {
  if (!(stop instanceof AbortSignal)) return run(stop);
  const flag = newCancelFlag();
  const cancel = () => Atomics.store(flag, 0, 1);
  if (stop.aborted) cancel();
  stop.addEventListener('abort', cancel);
  try {
    return await run(flag);
  } finally {
    stop.removeEventListener('abort', cancel);
  }
}

/**
 * The right to delete sources: shared memory that holds a time, by `process.hrtime`, the clock that all threads of a
 * process share. Who holds a job's lock moves the time forward; the pipeline deletes nothing after it.
 */
export type Lease = BigInt64Array<SharedArrayBuffer>;

const NS_PER_MS = 1e6;

/** A lease that ends after this time; one that has ended where the time is negative. */
export function newLease(ms: number): Lease {
  const lease = new BigInt64Array(new SharedArrayBuffer(8));
  extendLease(lease, ms);
  return lease;
}

/** The lease ends after this time from now. */
export function extendLease(lease: Lease, ms: number): void {
  Atomics.store(lease, 0, process.hrtime.bigint() + BigInt(Math.floor(ms * NS_PER_MS)));
}

export const isLeaseFresh = (lease: Lease): boolean =>
  process.hrtime.bigint() <= Atomics.load(lease, 0);

/** The progress of a thread with the segments of a batch: which one it reads, since when, and its bytes. */
export type BatchProgress = BigInt64Array<SharedArrayBuffer>;

const DONE = 0;
const TOTAL = 1;
const INDEX = 2;
const STARTED = 3;

export const newProgress = (): BatchProgress => new BigInt64Array(new SharedArrayBuffer(32));

/** Moves on to the segment of this index. */
export function progressTo(progress: BatchProgress, index: number, startedAt: Date): void {
  Atomics.store(progress, DONE, 0n);
  Atomics.store(progress, TOTAL, 0n);
  Atomics.store(progress, INDEX, BigInt(index));
  Atomics.store(progress, STARTED, BigInt(startedAt.getTime()));
}

export function beginProgress(progress: BatchProgress | undefined, totalBytes: number): void {
  if (progress === undefined) return;
  Atomics.store(progress, DONE, 0n);
  Atomics.store(progress, TOTAL, BigInt(totalBytes));
}

export function advanceProgress(progress: BatchProgress | undefined, bytes: number): void {
  if (progress !== undefined) Atomics.add(progress, DONE, BigInt(bytes));
}

/** Plain bytes done, and in total; both 0 before a thread has opened the segment. */
export const readProgress = (progress: BatchProgress) => ({
  index: Number(Atomics.load(progress, INDEX)),
  startedAt: Number(Atomics.load(progress, STARTED)),
  doneBytes: Number(Atomics.load(progress, DONE)),
  bytes: Number(Atomics.load(progress, TOTAL)),
});

/** The time of each stage of a segment in a thread. Reading, compressing and writing alternate, chunk by chunk. */
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

  /** Starts the time of this stage. */
  to(stage: keyof ThreadTimes): void {
    const nowMs = performance.now();
    this.#spent[this.#stage] += nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
    this.#stage = stage;
  }

  /** The times so far. */
  times(): ThreadTimes {
    this.to(this.#stage);
    return { ...this.#spent };
  }
}
