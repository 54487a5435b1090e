/**
 * Tells a worker that silently stopped: jobs wait, and for a long time none was taken. BullMQ's own
 * `isRunning()` stays true then.
 */
export class StuckDetector {
  readonly #stuckAfterMs: number;
  readonly #now: () => number;
  #waitingSinceMs: number | undefined;

  constructor(stuckAfterMs: number, now: () => number = () => performance.now()) {
    this.#stuckAfterMs = stuckAfterMs;
    this.#now = now;
  }

  /** Asked from time to time with what is known now; true at most once for each stretch of time. */
  isStuck(waiting: number, lastProgressMs: number): boolean {
    if (waiting === 0) {
      this.#waitingSinceMs = undefined;
      return false;
    }
    this.#waitingSinceMs = Math.max((this.#waitingSinceMs ??= this.#now()), lastProgressMs);
    if (this.#now() - this.#waitingSinceMs < this.#stuckAfterMs) return false;
    this.#waitingSinceMs = undefined;
    return true;
  }
}
