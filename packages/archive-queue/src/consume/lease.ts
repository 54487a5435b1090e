/**
 * This process's own clock for the locks that it holds in Redis.
 *
 * A worker that loses its connection gets no event, while its lock expires and another worker takes the job. So this
 * clock cancels a job whose lock was not renewed for most of its duration. That only avoids double work: the pipeline
 * itself guarantees that double work does no harm.
 */
export class LeaseClock {
  readonly #freshMs: number;
  readonly #now: () => number;
  readonly #heldSince = new Map<string, number>();

  /** @param now a monotonic clock in milliseconds */
  constructor(lockDurationMs: number, now: () => number = () => performance.now()) {
    this.#freshMs = FRESH_SHARE * lockDurationMs;
    this.#now = now;
  }

  /** @param ageMs how long ago the lock was requested */
  take(jobId: string, ageMs: number): void {
    this.#heldSince.set(jobId, this.#now() - Math.max(0, ageMs));
  }

  renew(jobIds: readonly string[]): void {
    for (const id of jobIds) if (this.#heldSince.has(id)) this.#heldSince.set(id, this.#now());
  }

  release(jobId: string): void {
    this.#heldSince.delete(jobId);
  }

  isFresh(jobId: string): boolean {
    const since = this.#heldSince.get(jobId);
    return since !== undefined && this.#now() - since <= this.#freshMs;
  }

  /** The jobs that must be cancelled. */
  expired(): string[] {
    return [...this.#heldSince.keys()].filter((id) => !this.isFresh(id));
  }
}

/** Of the lock's duration. The rest is for noticing a dead connection and for stopping. */
const FRESH_SHARE = 0.7;
