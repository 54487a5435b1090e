/** What a process has used so far, as the kernel counts it. */
import { readFileSync } from 'node:fs';

/** Linux counts in hundredths for every architecture that Node runs on. */
const TICKS_A_SECOND = 100;

/** User and system time of all its threads. */
export function cpuSecondsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which may hold anything, the 12th and 13th.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** The most memory that was ever resident, in bytes. */
export function peakBytesOf(pid: number): number {
  const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}

/** Watches what some processes use from now on; the function that it gives says how much that was. */
export function meterCpu(pids: readonly number[]): () => number[] {
  const before = pids.map(cpuSecondsOf);
  return () => pids.map((pid, index) => cpuSecondsOf(pid) - (before[index] ?? 0));
}
