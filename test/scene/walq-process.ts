import { join } from 'node:path';
import { startProcess, type RunningProcess } from '@walq/test-support';

export const walqBin = join(import.meta.dirname, '../../apps/cli/bin/walq.js');

export interface WalqOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How a command ended, and what it said. */
export interface WalqResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What it printed, parsed. @throws when that is no JSON */
  json(): unknown;
}

/** Starts the command as a user would. Its cache and state stay below `cwd`. */
export function startWalq(
  args: readonly string[],
  { cwd, env }: WalqOptions,
): Promise<RunningProcess> {
  const own = { XDG_CACHE_HOME: join(cwd, 'cache'), XDG_STATE_HOME: join(cwd, 'state') };
  const clean = { WALQ_CONFIG: undefined, WALQ_REDIS__URL: undefined };
  return startProcess(process.execPath, [walqBin, ...args], {
    cwd,
    env: { ...clean, ...own, ...env },
  });
}

/** Runs the command to its end. */
export async function runWalq(args: readonly string[], options: WalqOptions): Promise<WalqResult> {
  const running = await startWalq(args, options);
  const { code } = await running.exit;
  const { stdout, stderr } = running;
  return { code, stdout, stderr, json: () => JSON.parse(stdout) as unknown };
}
