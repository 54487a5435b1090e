export interface TurnsOptions {
  /** Turns that may be taken without waiting, after a pause that was long enough. */
  readonly atOnce: number;
  /** Between two turns after these. */
  readonly intervalMs: number;
}

/** Turns at a bounded rate (the generic cell rate algorithm): one moment is all that it remembers. */
export class Turns {
  readonly #options: TurnsOptions;
  /** When everything taken so far would have been taken at the even rate. */
  #evenMs = 0;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** Until the next turn. */
  waitMs(nowMs: number): number {
    const { atOnce, intervalMs } = this.#options;
    return Math.max(0, this.#evenMs - nowMs - (atOnce - 1) * intervalMs);
  }

  take(nowMs: number): void {
    this.#evenMs = Math.max(this.#evenMs, nowMs) + this.#options.intervalMs;
  }

  giveBack(): void {
    this.#evenMs -= this.#options.intervalMs;
  }
}
