/** `walq worker` as a process of its own. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const walq = fileURLToPath(new URL('../../apps/cli/bin/walq.js', import.meta.url));

export interface BenchWorker {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Resolves when the worker says that it is ready. */
export async function startWorker(configPath: string, concurrency: number): Promise<BenchWorker> {
  const args = [walq, 'worker', '--concurrency', String(concurrency), '--config', configPath];
  const child = spawn(walq, args.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.includes('worker ready')) resolve();
    });
    child.once('exit', () => reject(new Error('the worker ended before it was ready')));
  });
  await ready;
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
