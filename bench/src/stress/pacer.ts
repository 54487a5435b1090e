import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { arrivalsMs } from './arrivals.ts';
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
