/** What this process and those that it started use: processor time, and the memory of the largest of these. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleaned } from '../contestants/contestant.ts';

interface Usage {
  /** User and system time of all of them together, seconds. */
  readonly cpuSeconds: number;
  /** The largest resident memory that any process started by this one ever had (VmHWM), bytes. */
  readonly peakBytes: number;
}

const SAMPLE_INTERVAL_MS = 100;
/** Linux counts in hundredths for every architecture that Node runs on. */
const TICKS_A_SECOND = 100;

/** Starts sampling. Returns a function that stops it. */
export function startMeter(): () => Usage {
  const before = cpuSecondsOfAll();
  let peakBytes = 0;
  const sample = (): void => {
    for (const pid of descendantsOf('self')) peakBytes = Math.max(peakBytes, peakOf(pid));
  };
  const timer = setInterval(sample, SAMPLE_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    sample();
    return { cpuSeconds: cpuSecondsOfAll() - before, peakBytes };
  };
}

const cpuSecondsOfAll = (): number =>
  ['self', ...descendantsOf('self')].reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);

/** With the time of those that it waited for. Behind the name, which may hold anything, the 12th to 15th. */
function cpuSecondsOf(pid: string): number {
  const text = read(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / TICKS_A_SECOND;
}

function peakOf(pid: string): number {
  const kib = /VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1];
  return Number(kib ?? 0) * 1024;
}

function descendantsOf(pid: string): string[] {
  const children = threadsOf(pid).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean),
  );
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function threadsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    return gone(error, []);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return gone(error, '');
  }
}

/** A process may exit while it is read, and a kernel may not report children. */
function gone<T>(error: unknown, instead: T): T {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ESRCH') return instead;
  throw error;
}

const LOOP_SAMPLE_MS = 1;

/** Times a call that archives: as a whole, until it returned, and how long the event loop was held. */
export async function timeCall(call: () => unknown): Promise<Cleaned> {
  const watch = watchLoop();
  await sleep(LOOP_SAMPLE_MS);
  const startedMs = performance.now();
  const done = call();
  const callMs = performance.now() - startedMs;
  await done;
  const wallMs = performance.now() - startedMs;
  // The loop turns once more, so that a call that held it to its end is seen.
  await sleep(LOOP_SAMPLE_MS);
  return { wallMs, callMs, heldMs: Math.max(callMs, watch.stop()) };
}

/** A timer that is due every millisecond: what it is late, something held it. */
function watchLoop(): { stop(): number } {
  let lateMs = 0;
  let seenMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    lateMs = Math.max(lateMs, nowMs - seenMs - LOOP_SAMPLE_MS);
    seenMs = nowMs;
  }, LOOP_SAMPLE_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return lateMs;
    },
  };
}
