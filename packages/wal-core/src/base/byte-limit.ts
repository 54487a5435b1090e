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
export interface Pace {
  /** Nanoseconds; the same clock in every thread. */
  now(): bigint;
  sleep(ms: number): Promise<void>;
}

const realPace: Pace = {
  now: () => process.hrtime.bigint(),
  sleep: async (ms) => sleep(ms),
};

/** Whoever has taken nothing for a while may take this much at once. */
const BURST_NS = 100_000_000n;
/** How long at most before it is asked again whether to go on. */
const NAP_MS_MAX = 250;

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
  goOn: () => void = () => undefined,
  pace: Pace = realPace,
): Promise<void> {
  if (limit === undefined) return;
  const at = reserve(limit, bytes, pace.now());
  for (let waitMs = untilMs(at, pace); waitMs > 0; waitMs = untilMs(at, pace)) {
    goOn();
    await pace.sleep(Math.min(waitMs, NAP_MS_MAX));
  }
}

/** The moment from which on they may go. */
function reserve({ bytesPerSecond, reservedUntil }: ByteLimit, bytes: number, now: bigint): bigint {
  const costNs = BigInt(Math.ceil((bytes / bytesPerSecond) * 1e9));
  for (;;) {
    const given = Atomics.load(reservedUntil, 0);
    const from = given > now - BURST_NS ? given : now - BURST_NS;
    if (Atomics.compareExchange(reservedUntil, 0, given, from + costNs) === given) return from;
  }
}

const untilMs = (moment: bigint, pace: Pace): number =>
  Math.ceil(Number(moment - pace.now()) / 1e6);
