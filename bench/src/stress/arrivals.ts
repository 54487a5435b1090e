/** The schedule of appends: open-loop, so that a stall counts against every append that queued behind it. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Seeded } from '../input/records.ts';
import type { Workload } from './workload.ts';

export interface ArrivalsInput extends Pick<Workload, 'seed' | 'rate' | 'seconds'> {
  /** By `process.hrtime`, which all threads share. */
  readonly startNs: bigint;
}

/**
 * Calls `onDue` for each append once it is due, with the scheduled time by `performance.now()`. Latencies count from
 * that time, however late the engine starts the append.
 */
export async function atArrivals(
  workload: Omit<ArrivalsInput, 'startNs'>,
  onDue: (dueMs: number) => void,
): Promise<void> {
  const arrivals = arrivalsMs(workload);
  let next = arrivals.next();
  const startMs = performance.now();
  const startNs = process.hrtime.bigint();
  const thread = new Worker(new URL('arrivals-thread.js', import.meta.url), {
    workerData: { ...workload, startNs } satisfies ArrivalsInput,
  });
  thread.on('message', () => {
    const nowMs = performance.now() - startMs;
    for (; next.done !== true && next.value <= nowMs; next = arrivals.next()) {
      onDue(startMs + next.value);
    }
  });
  await once(thread, 'exit');
}

const STEPS = 2 ** 32;

/**
 * Arrival times in milliseconds from the start, ascending, within `seconds`: a Poisson process, as of many independent
 * clients, the same for the same seed.
 */
export function* arrivalsMs({
  seed,
  rate,
  seconds,
}: Pick<Workload, 'seed' | 'rate' | 'seconds'>): Generator<number, void> {
  const random = new Seeded(seed);
  const meanMs = 1000 / rate;
  for (let dueMs = 0; ;) {
    // Never the logarithm of 0.
    dueMs -= meanMs * Math.log((random.below(STEPS) + 1) / (STEPS + 1));
    if (dueMs >= seconds * 1000) return;
    yield dueMs;
  }
}
