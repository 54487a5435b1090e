/** The command line: which commands there are, what all of them share, and how each ends. */
import type { UnknownVariable } from '@walq/config';
import { Command, CommanderError } from 'commander';
import { printableJson } from '@walq/wal-core/printable';
import type { Call, CliCommand } from './command.ts';
import { commandList } from './command-list.ts';
import type { Interruption } from './interruption.ts';
import { note, noteLines } from './terminal/print.ts';
import { toUsageError, UsageError } from './usage-error.ts';
import { readVersion } from './version.ts';

interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/**
 * Runs the command that the arguments name; gives the exit code.
 *
 * @throws the command's failure, or a `UsageError`
 */
export async function runProgram(
  argv: readonly string[],
  interruption: Interruption,
): Promise<number> {
  const program = sharedProgram();
  const ended: { code: number | void } = { code: undefined };
  for (const { name, summary, isHidden = false } of commandList) {
    program.command(name, { hidden: isHidden }).description(summary);
  }
  addHelpCommand(program);
  program.hook('preSubcommand', async (_, called) => {
    if (called.name() === HELP) return;
    const command = await loadCommand(called.name());
    command.define(called);
    called.action(async () => {
      requireWorkingDirectory();
      try {
        ended.code = await command.run(callOf(called, argv, interruption));
      } catch (error) {
        throw await withNamesOfCall(error, called);
      }
    });
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw toUsageError(error, program, argv);
  }
  return ended.code ?? interruption.exitCode ?? 0;
}

function sharedProgram(): Command {
  return new Command('walq')
    .description(
      'Archives write-ahead-log segments, proves each copy, and only then deletes the source.',
    )
    .version(readVersion(), '-V, --version', 'print the version')
    .option(
      '--config <file>',
      'configuration (default: $WALQ_CONFIG, ./walq.toml, /etc/walq/walq.toml)',
    )
    .option('--json', 'print data and failures as JSON')
    .option('--debug', 'show the causes of a failure')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', '\nExample:\n  $ walq demo')
    .exitOverride();
}

const HELP = 'help';

/** `walq help restore` is `walq restore --help`: only a command that is called loads what its help says. */
function addHelpCommand(program: Command): void {
  program
    .command(HELP)
    .argument('[command]', 'the command')
    .description('show help for a command')
    .action(async (name?: string) => {
      const isCommand = name === undefined || program.commands.some((one) => one.name() === name);
      const path = name === undefined ? [] : [name];
      await program.parseAsync(isCommand ? [...path, '--help'] : path, { from: 'user' });
    });
}

/** Nothing may rest on it that a shell, a unit file or a cluster sets more than walq knows. */
function warnOfVariable({ variable, nearest }: UnknownVariable, json: boolean): void {
  const message = `the environment variable ${variable} is unknown and ignored`;
  const hint =
    nearest === undefined
      ? 'Remove it. Two underscores separate table and key, as in WALQ_REDIS__URL.'
      : `Did you mean ${nearest}?`;
  if (json) return noteLines(printableJson(JSON.stringify({ warning: { message, hint } })));
  note(`walq: ${message}`);
  note(`  hint: ${hint}`);
}

/** The hint of a failure with the names that the command was called with. */
async function withNamesOfCall(error: unknown, called: Command): Promise<unknown> {
  const { isWalqError, withNames } = await import('@walq/wal-core/internal');
  if (!isWalqError(error)) return error;
  const named = (name: string): string | undefined => {
    const index = called.registeredArguments.findIndex((one) => one.name() === name);
    return index < 0 ? undefined : called.args[index];
  };
  const source = named('source') ?? called.opts<{ source?: string }>().source;
  return withNames(error, { source, segment: named('segment') });
}

async function loadCommand(name: string): Promise<CliCommand<never>> {
  const listed = commandList.find((command) => command.name === name);
  if (listed === undefined) throw new Error(`the command ${name} is not listed`);
  return (await listed.load()).command;
}

function callOf(called: Command, argv: readonly string[], { signal }: Interruption): Call<never> {
  const { config, json = false, debug = false } = called.optsWithGlobals<GlobalOptions>();
  const warned = new Set<string>();
  return {
    args: called.args,
    argv,
    options: called.opts<never>(),
    json,
    debug,
    configPath: config,
    signal,
    loadConfig: async ({ secretsOf = [], flags = [] } = {}) => {
      const { nodeDisk } = await import('@walq/wal-core/internal');
      const { loadConfig, unknownVariables } = await import('@walq/config');
      const { env } = process;
      for (const unknown of unknownVariables(env)) {
        if (!warned.has(unknown.variable)) warnOfVariable(unknown, json);
        warned.add(unknown.variable);
      }
      const place = { cwd: process.cwd(), env, configPath: config };
      return loadConfig({ disk: nodeDisk, ...place, flags, secretsOf });
    },
  };
}

/** @throws UsageError where the directory that the command was started in is gone or cannot be read */
function requireWorkingDirectory(): void {
  try {
    process.cwd();
  } catch {
    throw new UsageError(
      'the working directory does not exist any more, or this user may not see it',
      'Change to another directory, such as cd /, and run the command again.',
    );
  }
}
