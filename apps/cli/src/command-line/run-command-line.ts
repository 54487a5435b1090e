/** From arguments to an exit code: runs the command, and shows the failure that it ends with. */
import { commandList } from './command-list.ts';
import { FATAL_TO_RECOVERY } from '../commands/wal-fetch/recovery-codes.ts';
import type { Interruption } from './interruption.ts';
import { runProgram } from './run-program.ts';
import { renderFailure, toFailure } from '../terminal/render-failure.ts';

/** Never rejects; what the command prints goes to this process's stdout and stderr. */
export async function runCommandLine(
  argv: readonly string[],
  interruption: Interruption,
): Promise<number> {
  try {
    return await runProgram(argv, interruption);
  } catch (error) {
    if (isOwnDoing(error, interruption)) return interruption.exitCode ?? 1;
    sayFailure(argv, error);
    return failureCode(argv, error);
  }
}

/** Read from the raw arguments, because they may be what is wrong. */
export const wantsJson = (argv: readonly string[]): boolean => argv.includes('--json');

export function sayFailure(argv: readonly string[], error: unknown): void {
  const rendering = { json: wantsJson(argv), debug: argv.includes('--debug') };
  process.stderr.write(`${renderFailure(error, rendering)}\n`);
}

/** 2 for wrong usage, 1 for any other failure; a restore_command that fails in any way never says "no such file". */
export function failureCode(argv: readonly string[], error: unknown): number {
  const called = argv.find((text) => commandList.some(({ name }) => name === text));
  if (called === 'wal-fetch') return FATAL_TO_RECOVERY;
  // Nobody waits for it, and who adopts it may take anything but 0 for a crash of its own.
  if (called === 'wal-fetch-ahead') return 0;
  return toFailure(error).code === 'usage' ? 2 : 1;
}

/** The failure that a command ends with because it was asked to end is no news. */
function isOwnDoing(error: unknown, { signal }: Interruption): boolean {
  if (!signal.aborted) return false;
  const isAbort = error instanceof Error && error.name === 'AbortError';
  return isAbort || toFailure(error).code === 'cancelled';
}
