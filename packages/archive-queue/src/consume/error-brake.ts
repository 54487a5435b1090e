/**
 * Stops a worker that fails as fast as it can. BullMQ asks Redis for the next job again at once when
 * Redis answers with an error; full memory alone makes that ten thousand times a second.
 */
import { backoffMs } from '@walq/wal-core/internal';
import { isOutOfMemory } from '../connection/redis-errors.ts';

export interface ErrorBrakeOptions {
  /** Stops taking jobs. */
  readonly hold: () => void;
  /** Takes jobs again. */
  readonly release: () => void;
}

const ERRORS_A_SECOND_MAX = 20;
const PAUSE = { firstMs: 5_000, longestMs: 60_000 };

export class ErrorBrake {
  readonly #options: ErrorBrakeOptions;
  #windowEndsMs = 0;
  #errors = 0;
  #pauses = 0;
  #calmAfterMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: ErrorBrakeOptions) {
    this.#options = options;
  }

  /** Counts an error that Redis answered; true when this one put the brake on. */
  count(error: Error): boolean {
    if (this.#stopped || this.#timer !== undefined || !this.#isTooMuch(error)) return false;
    this.#brake();
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

  #brake(): void {
    const isNew = performance.now() > this.#calmAfterMs;
    this.#pauses = isNew ? 1 : this.#pauses + 1;
    this.#options.hold();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#calmAfterMs = performance.now() + PAUSE.longestMs;
        this.#options.release();
      },
      backoffMs(this.#pauses, PAUSE),
    );
  }
}
