/** A sleep that one sleeper takes and anybody may end; a wake while nobody sleeps is remembered. */
export class WakeableSleep {
  #end: (() => void) | undefined;
  #woken = false;

  /** Sleeps for a number of milliseconds, or until woken. */
  async sleep(ms: number): Promise<void> {
    if (!this.#woken && ms > 0) await this.#untilWokenOr(ms);
    this.#woken = false;
  }

  wake(): void {
    this.#woken = true;
    this.#end?.();
  }

  async #untilWokenOr(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#end = undefined;
  }
}
