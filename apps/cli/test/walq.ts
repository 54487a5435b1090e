import { fileURLToPath } from 'node:url';
import { startProcess, type Ended, type ProcessOptions } from '@walq/test-support';

export const bin = fileURLToPath(new URL('../bin/walq.js', import.meta.url));

export interface Outcome extends Ended {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real command to its end. */
export async function walq(
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<Outcome> {
  const running = await startProcess(process.execPath, [bin, ...args], options);
  const ended = await running.exit;
  return { ...ended, stdout: running.stdout, stderr: running.stderr };
}
