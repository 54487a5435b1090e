/**
 * Notifies the engine that appends are due. It is a thread of its own, because timers of the engine's loop have a
 * resolution of one millisecond, which is longer than an append.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { arrivalsMs, type ArrivalsInput } from './arrivals.ts';

const input = workerData as ArrivalsInput;
const clock = new Int32Array(new SharedArrayBuffer(4));
let hasDue = false;

for (const dueMs of arrivalsMs(input)) {
  const leftMs = dueMs - Number(process.hrtime.bigint() - input.startNs) / 1e6;
  if (leftMs > 0) {
    notify();
    Atomics.wait(clock, 0, 0, leftMs);
  }
  hasDue = true;
}
notify();

function notify(): void {
  if (hasDue) parentPort?.postMessage(undefined);
  hasDue = false;
}
