/**
 * When appends are due: at random, as those of many independent clients, and the same for the same seed. They
 * do not wait for one another, so that an engine that is held up is measured by all whom it kept waiting.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Seeded } from '../input/records.ts';
import type { Workload } from './workload.ts';

export interface PacerOrder extends Pick<Workload, 'seed' | 'rate' | 'seconds'> {
  /** By `process.hrtime`, which all threads share. */
  readonly startNs: bigint;
}

/**
 * Calls `onDue` for each append, once it is due, with that moment by `performance.now()`: the same that all
 * latencies are counted from, however late the engine comes to it.
 */
export async function pace(
  workload: Omit<PacerOrder, 'startNs'>,
  onDue: (dueMs: number) => void,
): Promise<void> {
  const arrivals = arrivalsMs(workload);
  let next = arrivals.next();
  const startMs = performance.now();
  const startNs = process.hrtime.bigint();
  const thread = new Worker(new URL('pacer-thread.js', import.meta.url), {
    workerData: { ...workload, startNs } satisfies PacerOrder,
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
 * When appends are due, in milliseconds from the start, ascending, all within `seconds`: at random, as those of many
 * independent clients, and the same for the same seed. They do not wait for one another, so that an engine that is
 * held up is measured by all whom it kept waiting.
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
