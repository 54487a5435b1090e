/** Where the time of one segment goes in a thread: reading, compressing and writing take turns, chunk by chunk. */
export interface ThreadTimes {
  readonly readMs: number;
  readonly compressMs: number;
  readonly storeMs: number;
  readonly confirmMs: number;
}

export class StageClock {
  readonly #spent = { readMs: 0, compressMs: 0, storeMs: 0, confirmMs: 0 };
  #stage: keyof ThreadTimes;
  #sinceMs = performance.now();

  constructor(stage: keyof ThreadTimes) {
    this.#stage = stage;
  }

  /** From now on time is spent on this stage. */
  to(stage: keyof ThreadTimes): void {
    const nowMs = performance.now();
    this.#spent[this.#stage] += nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
    this.#stage = stage;
  }

  /** What was spent until now. */
  times(): ThreadTimes {
    this.to(this.#stage);
    return { ...this.#spent };
  }
}
