/**
 * A limit in bytes per second for all threads of a process together. They share one counter in memory: the time up
 * to which the limit is reserved.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Plain data, so that a task can carry it into a thread. */
export interface ByteLimit {
  readonly bytesPerSecond: number;
  /** One number: the time, in nanoseconds, up to which bytes have been reserved. */
  readonly reservedUntil: BigInt64Array<SharedArrayBuffer>;
}

/** The clock of a limit; tests have their own. */
export interface RateClock {
  /** Nanoseconds; the same clock in every thread. */
  now(): bigint;
  sleep(ms: number): Promise<void>;
}

const realClock: RateClock = {
  now: () => process.hrtime.bigint(),
  sleep: async (ms) => sleep(ms),
};

/** A caller may write this much without a pause after the limit was idle. */
const BURST_NS = 100_000_000n;
/** Interval between two calls of `throwIfStopped`. */
const SLEEP_MS_MAX = 250;

export const newByteLimit = (bytesPerSecond: number): ByteLimit => ({
  bytesPerSecond,
  reservedUntil: new BigInt64Array(new SharedArrayBuffer(8)),
});

/**
 * Reserves these bytes and waits until they may be written; without a limit it returns immediately. Callers are
 * served in the order of their calls. `throwIfStopped` is called during the wait and ends it by throwing.
 */
export async function takeBytes(
  limit: ByteLimit | undefined,
  bytes: number,
  throwIfStopped: () => void = () => undefined,
  clock: RateClock = realClock,
): Promise<void> {
  if (limit === undefined) return;
  const at = reserve(limit, bytes, clock.now());
  for (let waitMs = untilMs(at, clock); waitMs > 0; waitMs = untilMs(at, clock)) {
    throwIfStopped();
    await clock.sleep(Math.min(waitMs, SLEEP_MS_MAX));
  }
}

/** Gives the time from which these bytes may be written. */
function reserve({ bytesPerSecond, reservedUntil }: ByteLimit, bytes: number, now: bigint): bigint {
  const costNs = BigInt(Math.ceil((bytes / bytesPerSecond) * 1e9));
  for (;;) {
    const reserved = Atomics.load(reservedUntil, 0);
    const from = reserved > now - BURST_NS ? reserved : now - BURST_NS;
    if (Atomics.compareExchange(reservedUntil, 0, reserved, from + costNs) === reserved)
      return from;
  }
}

const untilMs = (moment: bigint, clock: RateClock): number =>
  Math.ceil(Number(moment - clock.now()) / 1e6);
