import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleaned } from '../contestants/contestant.ts';

const LOOK_EVERY_MS = 1;

/** Times a call that archives: as a whole, until it returned, and how long the event loop was held. */
export async function timeCall(call: () => unknown): Promise<Cleaned> {
  const watch = watchLoop();
  await sleep(LOOK_EVERY_MS);
  const startedMs = performance.now();
  const done = call();
  const callMs = performance.now() - startedMs;
  await done;
  const wallMs = performance.now() - startedMs;
  // The loop turns once more, so that a call that held it to its end is seen.
  await sleep(LOOK_EVERY_MS);
  return { wallMs, callMs, heldMs: Math.max(callMs, watch.stop()) };
}

/** A timer that is due every millisecond: what it is late, something held it. */
function watchLoop(): { stop(): number } {
  let lateMs = 0;
  let seenMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    lateMs = Math.max(lateMs, nowMs - seenMs - LOOK_EVERY_MS);
    seenMs = nowMs;
  }, LOOK_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return lateMs;
    },
  };
}
