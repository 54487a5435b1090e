import { WakeableSleep } from './wakeable-sleep.ts';

export interface Repetition {
  /** Does the next round now. */
  hurry(): void;
  /** Stops, and waits for the round that is under way. */
  stop(): Promise<void>;
}

/**
 * Does `round` again and again, one at a time, with the pause that each asks for in milliseconds.
 * A round must not fail: it knows what its failures mean and how long to pause after them.
 */
export function repeat(round: () => Promise<number>): Repetition {
  const pause = new WakeableSleep();
  let stopped = false;
  const run = async (): Promise<void> => {
    while (!stopped) await pause.sleep(await round());
  };
  const running = run();
  return {
    hurry: () => pause.wake(),
    stop: async () => {
      stopped = true;
      pause.wake();
      await running;
    },
  };
}
