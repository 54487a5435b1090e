import type { Command } from 'commander';
import type { ConfigWith, FlagSetting, SecretTable } from '@walq/config';

/** One command of walq: a file under `commands/` each, loaded only when it is called. */
export interface CliCommand<Options = unknown> {
  /** Lines to type that do something useful, for the help and the man page. Only a hidden command has none. */
  readonly examples: readonly string[];
  /** Adds arguments and options. */
  define(command: Command): void;
  /**
   * Does it. A number is the exit code; without one it is 0, or what the signal says that ended it.
   * Throws a failure for exit code 1, and a `UsageError` for 2.
   */
  run(call: Call<Options>): Promise<number | void>;
}

/** How a command was called, and what it needs of its surroundings. */
export interface Call<Options = unknown> {
  /** In the order of the command's definition; the required ones are there. */
  readonly args: readonly string[];
  /** All arguments of the command line, as they were given. */
  readonly argv: readonly string[];
  readonly options: Options;
  readonly json: boolean;
  readonly debug: boolean;
  /** What `--config` says. */
  readonly configPath: string | undefined;
  /** Aborted by the first SIGINT or SIGTERM; the command then ends in order. */
  readonly signal: AbortSignal;
  /** From now on the first signal ends the process at once, after `restore`: for what only reads. */
  readonly endAtOnce: (restore: () => void) => void;
  /** A new tree for each call. */
  readonly commandTree: () => CommandTree;
  /** The configuration, with the command's flags on top, and the secrets of no table but those named. */
  readonly loadConfig: <Table extends SecretTable = never>(
    request?: ConfigNeeds<Table>,
  ) => Promise<ConfigWith<Table>>;
}

/** For commands that describe commands: `define` adds what a command's own file says of it. */
export interface CommandTree {
  readonly program: Command;
  readonly define: (listed: Command) => Promise<Pick<CliCommand, 'examples'>>;
}

export interface ConfigNeeds<Table extends SecretTable> {
  readonly secretsOf?: readonly Table[];
  readonly flags?: readonly FlagSetting[];
}
