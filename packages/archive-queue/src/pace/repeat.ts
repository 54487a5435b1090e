import { WakeableSleep } from './wakeable-sleep.ts';

export interface Repetition {
  /** Does the next round now. */
  hurry(): void;
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
  const run = async (): Promise<void> => {
    while (!stopped) await pause.sleep(await round());
  };
  return {
    hurry: () => pause.wake(),
    stop: () => {
      stopped = true;
      pause.wake();
    },
    ended: run(),
  };
}
