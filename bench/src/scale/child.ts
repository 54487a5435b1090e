/** Processes that a measurement starts: each ends with it, however it ends. */
import { spawn } from 'node:child_process';
import { AnsweringProcess } from '../answering-process.ts';
import { cpuSecondsOf } from '../measure/process-meter.ts';
import { projectWalq, type Role } from '../role.ts';

export interface Program<Answer> extends Role {
  /** Sends a word and waits for what the program answers. */
  ask(word: string): Promise<Answer>;
}

/** A program of this folder. */
export const startProgram = <Answer>(name: string, given: object): Promise<Program<Answer>> =>
  AnsweringProcess.start<string, Answer>({
    entry: new URL(`programs/${name}.js`, import.meta.url),
    args: [JSON.stringify(given)],
    execArgv: ['--v8-pool-size=1', '--optimize-for-size', '--max-semi-space-size=1'],
    detached: true,
  });

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
  const child = spawn(projectWalq, [...args, '--config', configPath], {
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

/** Stops all, also where some fail to start. */
export async function withChildren<One extends Role, T>(
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

/** Watches what some processes use from now on; the function that it gives says how much that was. */
export function meterCpu(pids: readonly number[]): () => number[] {
  const before = pids.map((pid) => cpuSecondsOf(pid));
  return () => pids.map((pid, index) => cpuSecondsOf(pid) - (before[index] ?? 0));
}
