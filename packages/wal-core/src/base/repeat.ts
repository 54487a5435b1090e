export interface Repetition {
  /** Does the next round now. */
  hurry(): void;
  /** How long the current round has lasted, in milliseconds; 0 during a pause. */
  readonly roundMs: number;
  /** Begins no further round; the current one finishes. */
  stop(): void;
  /** Resolves when stopped and the last round has ended. */
  readonly ended: Promise<void>;
}

/**
 * Runs `round` repeatedly, one at a time. Each round gives the pause until the next, in milliseconds. A round must not
 * reject: it handles its own failures and decides how long to pause after them.
 */
export function repeat(round: () => Promise<number>): Repetition {
  const pause = new WakeableSleep();
  let stopped = false;
  let beganMs: number | undefined;
  const run = async (): Promise<void> => {
    while (!stopped) {
      beganMs = performance.now();
      const restMs = await round();
      beganMs = undefined;
      await pause.sleep(restMs);
    }
  };
  return {
    hurry: () => pause.wake(),
    get roundMs() {
      return beganMs === undefined ? 0 : performance.now() - beganMs;
    },
    stop: () => {
      stopped = true;
      pause.wake();
    },
    ended: run(),
  };
}

/** A sleep that `wake` ends. It has one sleeper at a time. A `wake` without a sleeper ends the next sleep. */
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
