/**
 * Pauses a worker whose calls to Redis fail in a tight loop. When Redis answers with an error, BullMQ asks for the next
 * job immediately: with full memory, ten thousand times a second.
 */
import { backoffMs } from '@walq/wal-core/internal';
import { isOutOfMemory } from '../connection/redis-errors.ts';

const ERRORS_A_SECOND_MAX = 20;
const PAUSE = { firstMs: 5_000, longestMs: 60_000 };

export class ErrorThrottle {
  readonly #pause: () => void;
  readonly #resume: () => void;
  #windowEndsMs = 0;
  #errors = 0;
  #pauses = 0;
  #calmAfterMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(pause: () => void, resume: () => void) {
    this.#pause = pause;
    this.#resume = resume;
  }

  /** Counts an error that Redis answered; true when this one paused the worker. */
  count(error: Error): boolean {
    if (this.#stopped || this.#timer !== undefined || !this.#isTooMuch(error)) return false;
    this.#throttle();
    return true;
  }

  /** Never pauses the worker again. */
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
    this.#pause();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#calmAfterMs = performance.now() + PAUSE.longestMs;
        this.#resume();
      },
      backoffMs(this.#pauses, PAUSE),
    );
  }
}
