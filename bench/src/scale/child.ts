/** Processes that a measurement starts: each ends with it, however it ends. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const walq = fileURLToPath(new URL('../../../apps/cli/bin/walq.js', import.meta.url));

export interface Child {
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Program<Answer> extends Child {
  /** Sends a word and waits for what the program answers. */
  ask(word: string): Promise<Answer>;
}

/** A program of this folder; it says `ready` first, and answers every word. */
export async function startProgram<Answer>(name: string, given: object): Promise<Program<Answer>> {
  const file = fileURLToPath(new URL(`programs/${name}.js`, import.meta.url));
  const child = fork(file, [JSON.stringify(given)], {
    execArgv: ['--v8-pool-size=1', '--optimize-for-size', '--max-semi-space-size=1'],
    // A Ctrl-C of the terminal reaches it through this process alone.
    detached: true,
  });
  const next = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', () => reject(new Error(`${name} ended early`)));
    });
  await next();
  return {
    ...asChild(child),
    ask: (word) => {
      const answer = next();
      child.send(word);
      return answer as Promise<Answer>;
    },
  };
}

/** `walq` in a role that logs `ready` once it is. */
export async function startRole(
  args: readonly string[],
  configPath: string,
  ready: RegExp,
): Promise<Child> {
  const child = spawn(process.execPath, [walq, ...args, '--config', configPath], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Then it takes the end of its stdin for SIGTERM.
    env: { ...process.env, WALQ_SUPERVISED: '1', WALQ_METRICS__LISTEN: 'off' },
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (ready.test(line)) resolve();
    });
    child.once('exit', () => reject(new Error(`walq ${args.join(' ')} ended early`)));
  });
  return asChild(child);
}

interface Ran {
  readonly durationMs: number;
  readonly stdout: string;
}

/**
 * `walq` from its start to its end; `onPid` hears at once which process that is. `walq status` ends with 1 where
 * something holds a source, as without a worker.
 */
export async function runWalq(
  args: readonly string[],
  configPath: string,
  onPid: (pid: number) => void = () => undefined,
): Promise<Ran> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [walq, ...args, '--config', configPath], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  onPid(child.pid ?? 0);
  const pieces: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
  const code = await new Promise((resolve) => {
    child.once('close', resolve);
  });
  const durationMs = performance.now() - startedMs;
  const isExpected = code === 0 || (code === 1 && args[0] === 'status');
  if (!isExpected) throw new Error(`walq ${args.join(' ')} ended with ${String(code)}`);
  return { durationMs, stdout: pieces.join('') };
}

function asChild(child: ChildProcess): Child {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

/** Stops all, also where some fail to start. */
export async function withChildren<One extends Child, T>(
  starting: readonly Promise<One>[],
  work: (children: One[]) => Promise<T>,
): Promise<T> {
  const started = await Promise.allSettled(starting);
  const children = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    return await work(children);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

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
