/**
 * Tells the engine that appends are due. A thread of its own, as clients are: timers of the engine's loop are
 * due to the millisecond, which is more than an append takes.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { arrivalsMs, type PacerOrder } from './pacer.ts';

const order = workerData as PacerOrder;
const clock = new Int32Array(new SharedArrayBuffer(4));
let isUntold = false;

for (const dueMs of arrivalsMs(order)) {
  const leftMs = dueMs - Number(process.hrtime.bigint() - order.startNs) / 1e6;
  if (leftMs > 0) {
    tell();
    Atomics.wait(clock, 0, 0, leftMs);
  }
  isUntold = true;
}
tell();

function tell(): void {
  if (isUntold) parentPort?.postMessage(undefined);
  isUntold = false;
}
