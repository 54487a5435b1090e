/** Reads what can be completed from the tree of commands, the same for every shell. */
import type { Argument, Command, Option } from '../../command-line/commander.ts';

/** The kind of a value: one of several words, a file, a directory or a source. */
export type Value =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'source' | 'file' | 'directory' | 'other' };

export interface CompletedOption {
  readonly short: string | undefined;
  readonly long: string;
  readonly about: string;
  /** Undefined for an option without a value. */
  readonly value: Value | undefined;
}

export interface CompletedCommand {
  readonly name: string;
  readonly about: string;
  readonly options: readonly CompletedOption[];
  /** In order. */
  readonly values: readonly Value[];
}

export interface CompletedProgram {
  /** The global options. */
  readonly options: readonly CompletedOption[];
  readonly commands: readonly CompletedCommand[];
}

/** The name in `<…>` or `[…]` gives the kind of the value. */
const kinds: Readonly<Record<string, 'source' | 'file' | 'directory'>> = {
  source: 'source',
  file: 'file',
  path: 'file',
  destination: 'file',
  dir: 'directory',
  url: 'directory',
};

/** `program` has every command defined. */
export function completedProgram(program: Command): CompletedProgram {
  const visible = program.createHelp().visibleCommands(program);
  const names = visible.map((command) => command.name());
  const shared = optionsOf(program);
  return {
    options: shared,
    commands: visible.map((command) => ({
      name: command.name(),
      about: command.summary(),
      options: [...optionsOf(command), ...shared.filter(({ long }) => !NOT_SHARED.includes(long))],
      values: command.registeredArguments.map((argument) => valueOf(argument, names)),
    })),
  };
}

/** Each command has a `--help` of its own, and none a `--version`. */
const NOT_SHARED = ['--help', '--version'];

const optionsOf = (command: Command): CompletedOption[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({
      short: option.short,
      long: option.long ?? '',
      about: option.description,
      value: option.required ? optionValue(option) : undefined,
    }));

function optionValue({ argChoices, flags }: Option): Value {
  const name = /<([^>.]+)/.exec(flags)?.[1] ?? '';
  return argChoices === undefined ? ofKind(name) : { kind: 'words', words: argChoices };
}

function valueOf(argument: Argument, commands: readonly string[]): Value {
  const name = argument.name();
  if (name === 'command') return { kind: 'words', words: commands };
  if (argument.argChoices !== undefined) return { kind: 'words', words: argument.argChoices };
  return ofKind(name);
}

const ofKind = (name: string): Value => ({ kind: kinds[name] ?? 'other' });

/** A text as one word of a shell, within single quotes. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
