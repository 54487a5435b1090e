import type { Command, CommanderError } from './commander.ts';

/** Wrong usage, exit code 2. It has the shape of a failure of the catalogue. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
  readonly hint: string;
  /** The usage line of the command. The frame adds it. */
  readonly usage: string | undefined;

  constructor(message: string, hint: string, usage?: string) {
    super(message);
    this.hint = hint;
    this.usage = usage;
  }

  withUsage(usage: string): UsageError {
    return new UsageError(this.message, this.hint, usage);
  }
}

/** `walq list [options] [source]` */
export const usageOf = (command: Command): string => command.createHelp().commandUsage(command);

/** Turns an error of commander into walq's message, with the nearest command or option in the hint. */
export function toUsageError(error: CommanderError, called: Command): UsageError {
  const { message, nearest } = readComplaint(error);
  const help = `Run '${called.parent === null ? 'walq' : `walq ${called.name()}`} --help'.`;
  const hint = nearest === undefined ? help : `Did you mean ${nearest} ${help}`;
  return new UsageError(message, hint, usageOf(called));
}

function readComplaint({ code, message }: CommanderError): { message: string; nearest?: string } {
  if (code === 'commander.help') return { message: 'no command was given' };
  const [said = '', suggestion] = message.replace(/^error: /, '').split('\n(Did you mean ');
  if (suggestion === undefined) return { message: said };
  return { message: said, nearest: suggestion.replace(/\)$/, '') };
}
