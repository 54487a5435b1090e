import { WakeableSleep } from './wakeable-sleep.ts';

export interface Repetition {
  /** Does the next round now. */
  hurry(): void;
  /** How long the round under way has lasted, in milliseconds; 0 during a pause. */
  readonly roundMs: number;
  /** Lets the round that is under way end, and begins no other. */
  stop(): void;
  /** Resolves when stopped and the last round has ended. */
  readonly ended: Promise<void>;
}

/**
 * Does `round` again and again, one at a time, with the pause that each asks for in milliseconds.
 * A round must not fail: it knows what its failures mean and how long to pause after them.
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
