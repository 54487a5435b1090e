/**
 * Keeps a segment that is suspected of killing workers by itself: while it runs, nothing else does.
 *
 * All jobs that a worker holds when it dies count a stall, the innocent ones too. A suspect that runs
 * alone and succeeds is cleared; only one that dies alone is set aside.
 */
export class RunAlone {
  #sharing = 0;
  #alone = false;
  #suspectsWaiting = 0;
  #waiters: (() => void)[] = [];

  /** Runs beside others, but not beside a suspect. */
  async beside<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone || this.#suspectsWaiting > 0) await this.#change();
    this.#sharing += 1;
    try {
      return await work();
    } finally {
      this.#sharing -= 1;
      this.#tell();
    }
  }

  /** Runs when nothing else does, and lets nothing else begin. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#suspectsWaiting += 1;
    while (this.#alone || this.#sharing > 0) await this.#change();
    this.#suspectsWaiting -= 1;
    this.#alone = true;
    try {
      return await work();
    } finally {
      this.#alone = false;
      this.#tell();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  #tell(): void {
    for (const resume of this.#waiters.splice(0)) resume();
  }
}
