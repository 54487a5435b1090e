/** What every thread of a pool does: it lowers its priority, and answers one call after another. */
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadSetting } from './thread-pool.ts';
import { answer } from './threads.ts';
import type { AnyCall } from './work.ts';

/** The pool sends a call after the previous one was answered. An error outside of a call ends the thread. */
export function serveCalls<C extends AnyCall>(doCall: (call: C) => Promise<unknown>): void {
  lowerPriority((workerData as ThreadSetting).nice);
  const serve = async (call: C): Promise<void> => {
    parentPort?.postMessage(await answer(doCall(call)));
  };
  parentPort?.on('message', (call: C) => void serve(call));
}

/**
 * Lowers the scheduling priority of the calling thread, never raises it. On Linux a thread has a nice value of its own;
 * elsewhere this would lower the priority of the whole process, including the engine in it.
 */
function lowerPriority(nice: number): void {
  if (process.platform !== 'linux') return;
  try {
    if (getPriority() < nice) setPriority(nice);
  } catch {
    // System calls may be filtered. The priority is optional.
  }
}
