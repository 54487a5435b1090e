import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterThisTest } from './after-this-test.ts';
import { outsideVitest } from './outside-vitest.ts';
import { RunningProcess } from './running-process.ts';

export type { Ended } from './running-process.ts';

export interface ProcessOptions {
  /** Added to the environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default the test's own */
  readonly cwd?: string;
}

/**
 * Starts a real process with stdin closed and its output captured.
 * Within a test it is killed when the test ends; after `beforeAll` call `kill()`
 * in `afterAll`.
 *
 * @throws when `command` cannot be started
 */
export async function startProcess(
  command: string,
  args: readonly string[] = [],
  { env = {}, cwd }: ProcessOptions = {},
): Promise<RunningProcess> {
  const child = spawn(command, args, {
    env: { ...outsideVitest(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  await once(child, 'spawn');
  const running = new RunningProcess(child, startedPid(child.pid));
  afterThisTest(() => running.kill());
  return running;
}

function startedPid(pid: number | undefined): number {
  if (pid === undefined) throw new Error('a started process has a pid');
  return pid;
}
