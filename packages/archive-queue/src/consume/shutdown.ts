/**
 * The order in which a consumer ends, with Redis up or down: take nothing more, let jobs in work end
 * within the grace, give back the rest, then cut the connections. BullMQ's own `close()` would wait
 * for Redis for ever.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreBreaker } from './store-breaker.ts';
import type { Subscription } from './subscription.ts';

/** A pipeline stops between two chunks, and Redis needs a moment to hear of it. */
const GIVE_BACK_MS = 2_000;
const LOOK_EVERY_MS = 10;

export async function shutDown(
  subscriptions: readonly Subscription[],
  breakers: readonly StoreBreaker[],
  graceMs: number,
): Promise<void> {
  for (const one of subscriptions) {
    one.hold('closing');
    one.stopLooking();
  }
  await untilQuiet(subscriptions, graceMs);
  for (const one of subscriptions) one.cancelAll('shutdown');
  await untilQuiet(subscriptions, GIVE_BACK_MS);
  await Promise.all(subscriptions.map((one) => one.closeWorker()));
  for (const breaker of breakers) breaker.stop();
}

async function untilQuiet(subscriptions: readonly Subscription[], maxMs: number): Promise<void> {
  const giveUpAt = performance.now() + maxMs;
  while (!subscriptions.every((one) => one.isQuiet) && performance.now() < giveUpAt) {
    await sleep(LOOK_EVERY_MS);
  }
}
