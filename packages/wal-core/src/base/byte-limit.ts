/**
 * So many bytes a second, for all threads of a process together: each takes its bytes from one clock in
 * shared memory, on which every byte has its moment.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Plain data, so that a task can carry it into a thread. */
export interface ByteLimit {
  readonly bytesPerSecond: number;
  /** One number: the moment, in nanoseconds, up to which all has been given away. */
  readonly reservedUntil: BigInt64Array<SharedArrayBuffer>;
}

/** The clock by which bytes are given; tests have their own. */
export interface RateClock {
  /** Nanoseconds; the same clock in every thread. */
  now(): bigint;
  sleep(ms: number): Promise<void>;
}

const realClock: RateClock = {
  now: () => process.hrtime.bigint(),
  sleep: async (ms) => sleep(ms),
};

/** Whoever has taken nothing for a while may take this much at once. */
const BURST_NS = 100_000_000n;
/** How long at most before it is asked again whether to go on. */
const SLEEP_MS_MAX = 250;

export const newByteLimit = (bytesPerSecond: number): ByteLimit => ({
  bytesPerSecond,
  reservedUntil: new BigInt64Array(new SharedArrayBuffer(8)),
});

/**
 * Waits until these bytes may go; without a limit not at all. What is taken is given away at once, so
 * that nobody overtakes. `goOn` is asked now and then, and ends the wait by throwing.
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

/** The moment from which on they may go. */
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
