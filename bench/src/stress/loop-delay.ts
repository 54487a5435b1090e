import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface LoopDelayFigures {
  readonly p99Ms: number;
  readonly maxMs: number;
}

const LOOK_EVERY_MS = 1;

/** How late the event loop of this process comes to a timer, from now until the figures are taken. */
export function watchLoopDelay(): { stop(): LoopDelayFigures } {
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });
  delay.enable();
  // It counts from one look to the next.
  const late = (ns: number) => Math.max(0, ns / 1e6 - LOOK_EVERY_MS);
  return {
    stop: () => {
      delay.disable();
      return { p99Ms: late(delay.percentile(99)), maxMs: late(delay.max) };
    },
  };
}
