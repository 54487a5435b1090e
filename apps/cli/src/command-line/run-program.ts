/** Runs the command that the arguments name. */
import type { UnknownVariable } from '@walq/config';
import { printableJson } from '@walq/wal-core/printable';
import { CommanderError, type Command } from './commander.ts';
import type { Call } from './command.ts';
import type { Interruption } from './interruption.ts';
import { createProgram, defineCommand, type GlobalOptions } from './program.ts';
import { detail, printErrorLines, warn, setVerbosity } from '../terminal/print.ts';
import { toUsageError, usageOf, UsageError } from './usage-error.ts';

/**
 * Returns the exit code.
 *
 * @throws the command's failure, or a `UsageError`
 */
export async function runProgram(
  argv: readonly string[],
  interruption: Interruption,
): Promise<number> {
  const program = createProgram();
  if (argv.includes('--json')) program.configureOutput({ writeErr: () => undefined });
  const ended: { code: number | void } = { code: undefined };
  let called = program;
  program.hook('preSubcommand', async (_, subcommand) => {
    called = subcommand;
    const command = await defineCommand(subcommand);
    subcommand.action(async () => {
      requireWorkingDirectory();
      ended.code = await command.run(callOf(subcommand, argv, interruption));
    });
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    throw await withContext(error, called);
  }
  return ended.code ?? interruption.exitCode ?? 0;
}

/** Adds the usage of the command to wrong usage, and the source and segment of the call to any other failure. */
async function withContext(error: unknown, called: Command): Promise<unknown> {
  if (error instanceof CommanderError) return toUsageError(error, called);
  if (error instanceof UsageError) return error.withUsage(usageOf(called));
  const { isWalqError, withNames } = await import('@walq/wal-core/internal');
  if (!isWalqError(error)) return error;
  const named = (name: string): string | undefined => {
    const index = called.registeredArguments.findIndex((one) => one.name() === name);
    return index < 0 ? undefined : called.args[index];
  };
  const source = named('source') ?? called.opts<{ source?: string }>().source;
  return withNames(error, { source, segment: named('segment') });
}

function callOf(called: Command, argv: readonly string[], interruption: Interruption): Call<never> {
  const options = called.optsWithGlobals<GlobalOptions>();
  const { config, json = false, quiet = false, verbose = false, debug = false } = options;
  setVerbosity(quiet ? 'quiet' : verbose ? 'verbose' : 'normal');
  const warned = new Set<string>();
  return {
    args: called.args,
    argv,
    options: called.opts<never>(),
    json,
    debug,
    configPath: config,
    signal: interruption.signal,
    endAtOnce: (restore) => interruption.endAtOnce(restore),
    commandTree: () => ({ program: createProgram(), define: defineCommand }),
    loadConfig: async ({ secretsOf = [], flags = [] } = {}) => {
      const { nodeDisk } = await import('@walq/wal-core/internal');
      const { loadConfig, unknownVariables } = await import('@walq/config');
      const { env } = process;
      for (const unknown of unknownVariables(env)) {
        if (!warned.has(unknown.variable)) warnOfVariable(unknown, json);
        warned.add(unknown.variable);
      }
      const place = { cwd: process.cwd(), env, configPath: config };
      const loaded = await loadConfig({ disk: nodeDisk, ...place, flags, secretsOf });
      detail(`walq: configuration: ${loaded.file ?? 'none found, defaults and environment'}`);
      return loaded;
    },
  };
}

/** Only a warning, because a shell, a unit file or a cluster may set variables that walq does not know. */
function warnOfVariable({ variable, nearest }: UnknownVariable, json: boolean): void {
  const message = `the environment variable ${variable} is unknown and ignored`;
  const hint =
    nearest === undefined
      ? 'Remove it. Two underscores separate table and key, as in WALQ_REDIS__URL.'
      : `Did you mean ${nearest}?`;
  if (json) return printErrorLines(printableJson(JSON.stringify({ warning: { message, hint } })));
  warn(`walq: ${message}`);
  warn(`  hint: ${hint}`);
}

/** @throws UsageError if the working directory is gone or cannot be read */
function requireWorkingDirectory(): void {
  try {
    process.cwd();
  } catch {
    throw new UsageError(
      'the working directory does not exist any more, or this user may not read it',
      'Change to another directory, such as cd /, and run the command again.',
    );
  }
}
