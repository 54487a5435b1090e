/** What this process and those that it started use: processor time, and the memory of the largest of these. */
import { readdirSync, readFileSync } from 'node:fs';

interface Usage {
  /** User and system time of all of them together, seconds. */
  readonly cpuSeconds: number;
  /** The largest resident memory that any process started by this one ever had (VmHWM), bytes. */
  readonly peakBytes: number;
}

const SAMPLE_INTERVAL_MS = 100;
/** Linux counts in hundredths for every architecture that Node runs on. */
const TICKS_A_SECOND = 100;

/** Runs the work, and measures what it uses. */
export async function metered<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly usage: Usage }> {
  const before = cpuSecondsOfAll();
  let peakBytes = 0;
  const sample = (): void => {
    for (const pid of descendantsOf('self')) peakBytes = Math.max(peakBytes, peakBytesOf(pid));
  };
  const timer = setInterval(sample, SAMPLE_INTERVAL_MS);
  try {
    const result = await work();
    sample();
    return { result, usage: { cpuSeconds: cpuSecondsOfAll() - before, peakBytes } };
  } finally {
    clearInterval(timer);
  }
}

const cpuSecondsOfAll = (): number =>
  ['self', ...descendantsOf('self')].reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);

/** User and system time of a process, and of those that it waited for. */
export const cpuSecondsOf = (pid: number | string): number => secondsOf(pid, 0, 4);

/** User and system time of those that this process waited for. */
export const cpuSecondsOfEnded = (): number => secondsOf('self', 2, 4);

/** Behind the name, which may hold anything, the 12th to 15th: user and system, its own and its children's. */
function secondsOf(pid: number | string, from: number, to: number): number {
  const text = read(`/proc/${pid}/stat`);
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15);
  const ticks = fields.slice(from, to).reduce((sum, field) => sum + Number(field), 0);
  return ticks / TICKS_A_SECOND;
}

/** The most memory that was ever resident, in bytes; 0 for a process that has ended. */
export function peakBytesOf(pid: number | string): number {
  const kib = /VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1];
  return Number(kib ?? 0) * 1024;
}

/** Of a process and of those that it started: the largest. */
export const peakBytesOfTree = (pid: number): number =>
  Math.max(...[String(pid), ...descendantsOf(String(pid))].map(peakBytesOf));

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

/** The milliseconds that a call takes. */
export async function timed(call: () => unknown): Promise<number> {
  const startedMs = performance.now();
  await call();
  return performance.now() - startedMs;
}
