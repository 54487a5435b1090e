/**
 * Isolates a segment that is suspected of killing workers: other segments share a worker, a suspect has it exclusively.
 *
 * When a worker dies, all jobs that it held count a stall, also those that did not cause it. A suspect that succeeds
 * alone is cleared; it is quarantined only if the worker dies while the suspect runs alone.
 */
export class SuspectLock {
  #sharing = 0;
  #isExclusive = false;
  #suspectsWaiting = 0;
  #waiters: (() => void)[] = [];

  /** Waits while a suspect runs or waits to run. Call the returned function when the segment is done. */
  async shared(): Promise<() => void> {
    while (this.#isExclusive || this.#suspectsWaiting > 0) await this.#change();
    this.#sharing += 1;
    return () => {
      this.#sharing -= 1;
      this.#notify();
    };
  }

  /** Waits until nothing else runs, and blocks everything else. Call the returned function when the segment is done. */
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
