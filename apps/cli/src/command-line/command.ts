import type { Command } from './commander.ts';
import type { ConfigWith, FlagSetting, SecretTable } from '@walq/config';

/** One command of walq. Each has a file under `commands/`, which is loaded only when the command is called. */
export interface CliCommand<Options = unknown> {
  /** Useful command lines for the help and the manual page. Only a hidden command has none. */
  readonly examples: readonly string[];
  /** Adds arguments and options. */
  define(command: Command): void;
  /**
   * Runs the command. Returns the exit code; without one the code is 0, or 128 + n after signal n. Throws a failure for
   * exit code 1, and a `UsageError` for 2.
   */
  run(call: Call<Options>): Promise<number | void>;
}

/** One call of a command: its arguments, and what the frame provides. */
export interface Call<Options = unknown> {
  /** In the order of the command's definition. Required ones are always present. */
  readonly args: readonly string[];
  /** All arguments of the command line, unchanged. */
  readonly argv: readonly string[];
  readonly options: Options;
  readonly json: boolean;
  readonly debug: boolean;
  /** The value of `--config`. */
  readonly configPath: string | undefined;
  /** Aborted by the first signal; the command then finishes cleanly. */
  readonly signal: AbortSignal;
  /** From now on the first signal ends the process immediately, after `restore`. For commands that only read. */
  readonly endAtOnce: (restore: () => void) => void;
  /** Returns a new tree. */
  readonly commandTree: () => CommandTree;
  /** Loads the configuration, with the command's flags on top and the secrets of the named tables only. */
  readonly loadConfig: <Table extends SecretTable = never>(
    request?: ConfigNeeds<Table>,
  ) => Promise<ConfigWith<Table>>;
}

/** The tree of commands, for commands that describe others. `define` adds what a command's own file defines. */
export interface CommandTree {
  readonly program: Command;
  readonly define: (listed: Command) => Promise<Pick<CliCommand, 'examples'>>;
}

export interface ConfigNeeds<Table extends SecretTable> {
  readonly secretsOf?: readonly Table[];
  readonly flags?: readonly FlagSetting[];
}
