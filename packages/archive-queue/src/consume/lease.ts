import { extendLease, isLeaseFresh, newLease, type Lease } from '@walq/wal-core/internal';

/**
 * This process's own clock for the locks that it holds in Redis.
 *
 * A worker that loses its connection gets no event, while its lock expires and another worker takes the job. So this
 * clock cancels a job whose lock was not renewed for most of its duration. That only avoids double work: the pipeline
 * itself guarantees that double work does no harm.
 */
export class LeaseClock {
  readonly #freshMs: number;
  readonly #leases = new Map<string, Lease>();

  constructor(lockDurationMs: number) {
    this.#freshMs = FRESH_SHARE * lockDurationMs;
  }

  /** @param ageMs how long ago the lock was requested */
  take(jobId: string, ageMs: number): Lease {
    const lease = newLease(this.#freshMs - Math.max(0, ageMs));
    this.#leases.set(jobId, lease);
    return lease;
  }

  renew(jobIds: readonly string[]): void {
    for (const id of jobIds) {
      const lease = this.#leases.get(id);
      if (lease !== undefined) extendLease(lease, this.#freshMs);
    }
  }

  /** Ends this lease of the job. A later one, of the same job taken again, stays. */
  release(jobId: string, lease: Lease): void {
    if (this.#leases.get(jobId) === lease) this.#leases.delete(jobId);
  }

  /** The jobs that must be cancelled. */
  expired(): string[] {
    return [...this.#leases].filter(([, lease]) => !isLeaseFresh(lease)).map(([id]) => id);
  }
}

/** Of the lock's duration. The rest is for noticing a dead connection and for stopping. */
const FRESH_SHARE = 0.7;
