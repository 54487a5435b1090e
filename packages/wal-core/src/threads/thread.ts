/** Entry module of a pool's thread. It must load only what compressing and decoding need. */
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { blockingDisk } from '../base/disk/blocking-disk.ts';
import type { ThreadSetting } from './thread-pool.ts';
import { answer } from './threads.ts';
import { doWork, workOn, type Call } from './work.ts';

lowerPriority((workerData as ThreadSetting).nice);

const work = workOn(blockingDisk);

// The pool sends a call after the previous one was answered. An error outside of a call ends the thread.
parentPort?.on('message', (call: Call) => void serve(call));

async function serve(call: Call): Promise<void> {
  parentPort?.postMessage(await answer(doWork(work, call)));
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
