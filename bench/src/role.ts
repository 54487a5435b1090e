/** A role of walq as a process of its own. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The command in the project; an installed walq says where its own is. */
export const projectWalq = fileURLToPath(new URL('../../apps/cli/bin/walq', import.meta.url));

export interface RoleOptions {
  readonly configPath: string;
  /** The command walq. @default the project's */
  readonly walq?: string;
  /** @default that of this process */
  readonly env?: NodeJS.ProcessEnv;
}

export interface Role {
  readonly pid: number;
  stop(): Promise<void>;
}

export const startWorker = (concurrency: number, options: RoleOptions): Promise<Role> =>
  startRole(['worker', '--concurrency', String(concurrency)], /worker ready/, options);

/** Enough for its last words. */
const SAID_CHARACTERS_MAX = 4096;

/** Resolves when the role logs that it is ready. It ends with this process, however that ends. */
export async function startRole(
  role: readonly string[],
  ready: RegExp,
  { configPath, walq = projectWalq, env = process.env }: RoleOptions,
): Promise<Role> {
  const child = spawn(walq, [...role, '--config', configPath], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Supervised, it takes the end of its stdin for SIGTERM.
    env: { ...env, WALQ_NODE: process.execPath, WALQ_SUPERVISED: '1' },
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
      if (ready.test(line)) resolve();
    });
    child.once('error', reject);
    child.once('exit', () =>
      reject(new Error(`walq ${role[0]} ended before it was ready: ${said}`)),
    );
  });
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
