import { getPriority, setPriority } from 'node:os';

/**
 * Lowers the scheduling priority of the calling thread, never raises it. On Linux a thread has a nice
 * value of its own; elsewhere it would be the whole process that gives way, the engine in it included.
 */
export function giveWay(nice: number): void {
  if (process.platform !== 'linux') return;
  try {
    if (getPriority() < nice) setPriority(nice);
  } catch {
    // Where system calls are filtered: it archives all the same.
  }
}
