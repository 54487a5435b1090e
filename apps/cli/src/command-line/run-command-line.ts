/** Runs the command line: prints the failure of the command, and returns the exit code. */
import { commandList } from './command-list.ts';
import { FATAL_TO_RECOVERY } from '../commands/wal-fetch/recovery-codes.ts';
import type { Interruption } from './interruption.ts';
import { runProgram } from './run-program.ts';
import { renderFailure, toFailure } from '../terminal/render-failure.ts';

/** Never rejects. The command prints to stdout and stderr of this process. */
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

/** 2 for wrong usage, else 1. A failed restore_command exits with 200, never with the code for "no such file". */
export function failureCode(argv: readonly string[], error: unknown): number {
  const called = argv.find((text) => commandList.some(({ name }) => name === text));
  if (called === 'wal-fetch') return FATAL_TO_RECOVERY;
  return toFailure(error).code === 'usage' ? 2 : 1;
}

/** Whether the failure is only the result of the signal. */
function isOwnDoing(error: unknown, { signal }: Interruption): boolean {
  if (!signal.aborted) return false;
  const isAbort = error instanceof Error && error.name === 'AbortError';
  return isAbort || toFailure(error).code === 'cancelled';
}
