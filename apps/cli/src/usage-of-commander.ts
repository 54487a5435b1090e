import type { Command, CommanderError } from 'commander';
import { UsageError } from './usage-error.ts';

/** Commander's own complaint in walq's words, with the nearest command or option as the hint. */
export function toUsageError(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
): UsageError {
  if (error.code === 'commander.help')
    return new UsageError('no command was given', 'See walq --help.');
  const [said = '', suggestion] = error.message.replace(/^error: /, '').split('\n(Did you mean ');
  return new UsageError(said, hintOf(suggestion, program, argv));
}

function hintOf(suggestion: string | undefined, program: Command, argv: readonly string[]): string {
  if (suggestion !== undefined) return `Did you mean ${suggestion.replace(/\)$/, '')}`;
  const named = program.commands.find((command) => argv.includes(command.name()));
  return `See walq ${named === undefined ? '' : `${named.name()} `}--help.`;
}
