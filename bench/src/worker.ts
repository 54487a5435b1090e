/** `walq worker` as a process of its own. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** In the project; an installed walq says where its own is. */
export const projectWalq = fileURLToPath(new URL('../../apps/cli/bin/walq.js', import.meta.url));

interface WorkerOptions {
  readonly configPath: string;
  /** Segments at once. */
  readonly concurrency: number;
  /** The file that Node runs as the command walq. @default the project's */
  readonly walq?: string;
  /** @default that of this process */
  readonly env?: NodeJS.ProcessEnv;
}

export interface BenchWorker {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Enough for its last words. */
const SAID_CHARACTERS_MAX = 4096;

/** Resolves when the worker says that it is ready. It ends with this process, however that ends. */
export async function startWorker(options: WorkerOptions): Promise<BenchWorker> {
  const { configPath, concurrency, walq = projectWalq, env = process.env } = options;
  const args = ['worker', '--concurrency', String(concurrency), '--config', configPath];
  const child = spawn(process.execPath, ['--v8-pool-size=1', walq, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Then it takes the end of its stdin for SIGTERM.
    env: { ...env, WALQ_SUPERVISED: '1' },
    // A Ctrl-C of the terminal reaches it through this process alone.
    detached: true,
  });
  child.stdin.on('error', () => undefined);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_CHARACTERS_MAX);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.includes('worker ready')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`the worker ended before it was ready: ${said}`)));
  });
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
