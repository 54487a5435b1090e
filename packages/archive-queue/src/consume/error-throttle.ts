/**
 * Stops a worker that fails as fast as it can. BullMQ asks Redis for the next job again at once when
 * Redis answers with an error; full memory alone makes that ten thousand times a second.
 */
import { backoffMs } from '@walq/wal-core/internal';
import { isOutOfMemory } from '../connection/redis-errors.ts';

const ERRORS_A_SECOND_MAX = 20;
const PAUSE = { firstMs: 5_000, longestMs: 60_000 };

export class ErrorThrottle {
  readonly #hold: () => void;
  readonly #release: () => void;
  #windowEndsMs = 0;
  #errors = 0;
  #pauses = 0;
  #calmAfterMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param hold stops taking jobs, which `release` ends */
  constructor(hold: () => void, release: () => void) {
    this.#hold = hold;
    this.#release = release;
  }

  /** Counts an error that Redis answered; true when this one put the brake on. */
  count(error: Error): boolean {
    if (this.#stopped || this.#timer !== undefined || !this.#isTooMuch(error)) return false;
    this.#throttle();
    return true;
  }

  /** Never brakes again. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #isTooMuch(error: Error): boolean {
    const now = performance.now();
    if (now > this.#windowEndsMs) {
      this.#windowEndsMs = now + 1_000;
      this.#errors = 0;
    }
    this.#errors += 1;
    return isOutOfMemory(error) || this.#errors > ERRORS_A_SECOND_MAX;
  }

  #throttle(): void {
    const isNew = performance.now() > this.#calmAfterMs;
    this.#pauses = isNew ? 1 : this.#pauses + 1;
    this.#hold();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#calmAfterMs = performance.now() + PAUSE.longestMs;
        this.#release();
      },
      backoffMs(this.#pauses, PAUSE),
    );
  }
}
