/**
 * This process's own clock over the locks that it holds in Redis.
 *
 * A worker that is cut off gets no event at all, while its lock expires and another worker takes the
 * job. So a job whose lock was not seen renewed for most of its duration is given up here, unasked.
 * This saves double work; that double work does no harm is the pipeline's own promise.
 */
export class LeaseClock {
  readonly #freshMs: number;
  readonly #now: () => number;
  readonly #heldSince = new Map<string, number>();

  /** @param now a clock in milliseconds that never goes back */
  constructor(lockDurationMs: number, now: () => number = () => performance.now()) {
    this.#freshMs = FRESH_SHARE * lockDurationMs;
    this.#now = now;
  }

  /** Begins with the age of a lock: how long ago it was asked for. */
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

  /** The jobs that must be given up. */
  expired(): string[] {
    return [...this.#heldSince.keys()].filter((id) => !this.isFresh(id));
  }
}

/** Leaves time to stop, and for the silence after which a dead connection shows. */
const FRESH_SHARE = 0.7;
