/**
 * The right to delete sources: shared memory that holds a time, by `process.hrtime`, the clock that all threads of a
 * process share. Who holds a job's lock moves the time forward; the pipeline deletes nothing after it.
 */
export type Lease = BigInt64Array<SharedArrayBuffer>;

const NS_PER_MS = 1e6;

const afterMs = (ms: number): bigint =>
  process.hrtime.bigint() + BigInt(Math.floor(ms * NS_PER_MS));

/** A lease that ends after this time; one that has ended where the time is negative. */
export function newLease(ms: number): Lease {
  const lease = new BigInt64Array(new SharedArrayBuffer(8));
  extendLease(lease, ms);
  return lease;
}

/** The lease ends after this time from now. */
export function extendLease(lease: Lease, ms: number): void {
  Atomics.store(lease, 0, afterMs(ms));
}

export const isLeaseFresh = (lease: Lease): boolean =>
  process.hrtime.bigint() <= Atomics.load(lease, 0);
