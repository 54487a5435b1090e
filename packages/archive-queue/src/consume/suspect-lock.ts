/**
 * Keeps a segment that is suspected of killing workers by itself: segments share the worker, a suspect has it
 * exclusively.
 *
 * All jobs that a worker holds when it dies count a stall, the innocent ones too. A suspect that runs alone and
 * succeeds is cleared; only one that dies alone is quarantined.
 */
export class SuspectLock {
  #sharing = 0;
  #isExclusive = false;
  #suspectsWaiting = 0;
  #waiters: (() => void)[] = [];

  /** Waits while a suspect runs or waits to run. Call the result when the segment is done. */
  async shared(): Promise<() => void> {
    while (this.#isExclusive || this.#suspectsWaiting > 0) await this.#change();
    this.#sharing += 1;
    return () => {
      this.#sharing -= 1;
      this.#notify();
    };
  }

  /** Waits until nothing else runs, and lets nothing else begin. Call the result when the segment is done. */
  async exclusive(): Promise<() => void> {
    this.#suspectsWaiting += 1;
    while (this.#isExclusive || this.#sharing > 0) await this.#change();
    this.#suspectsWaiting -= 1;
    this.#isExclusive = true;
    return () => {
      this.#isExclusive = false;
      this.#notify();
    };
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  #notify(): void {
    for (const resume of this.#waiters.splice(0)) resume();
  }
}
