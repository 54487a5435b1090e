/** What the command ends with when it fails. */
import { commandList } from './command-list.ts';
import { FATAL_TO_RECOVERY } from './fetch/recovery-codes.ts';
import { toFailure } from './render-failure.ts';

/** 2 for wrong usage, 1 for any other failure; a restore_command that fails in any way never says "no such file". */
export function failureCode(argv: readonly string[], error: unknown): number {
  const called = argv.find((text) => commandList.some(({ name }) => name === text));
  if (called === 'wal-fetch') return FATAL_TO_RECOVERY;
  // Nobody waits for it, and who adopts it may take anything but 0 for a crash of its own.
  if (called === 'wal-fetch-ahead') return 0;
  return toFailure(error).code === 'usage' ? 2 : 1;
}
