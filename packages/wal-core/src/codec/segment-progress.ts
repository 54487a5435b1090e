/** How far a thread is with a segment, for the main thread to see: it tells no messages while it works. */
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
