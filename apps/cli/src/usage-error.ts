import type { Command, CommanderError } from 'commander';

/** The command line is wrong: exit code 2. Has the shape of a failure of the catalogue. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

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
