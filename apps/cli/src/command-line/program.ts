/** The tree of commands: the shared options, and each command, which is defined when it is called. */
import { Command, Option } from './commander.ts';
import type { CliCommand } from './command.ts';
import { commandList, type ListedCommand } from './command-list.ts';
import { readVersion } from '../version.ts';
import { keepHeapSmall } from './small-heap.ts';

export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly debug?: boolean;
}

/** Every command, with its name and summary only. */
export function createProgram(): Command {
  const program = sharedProgram();
  for (const { name, summary, group, isHidden = false } of commandList) {
    program
      .command(name, { hidden: isHidden })
      .description(`${summary}.`)
      .summary(summary)
      .helpGroup(group);
  }
  return program;
}

/** Loads a command, and adds its arguments, options and examples. */
export async function defineCommand(listed: Command): Promise<CliCommand<never>> {
  const { runsForLong = false, load } = findListed(listed.name());
  if (runsForLong) keepHeapSmall();
  const { command } = await load();
  command.define(listed);
  if (command.examples.length > 0) listed.addHelpText('after', examplesText(command.examples));
  return command;
}

function findListed(name: string): ListedCommand {
  const listed = commandList.find((command) => command.name === name);
  if (listed === undefined) throw new Error(`the command ${name} is not listed`);
  return listed;
}

function sharedProgram(): Command {
  return new Command('walq')
    .description(
      'Archives write-ahead-log segments, proves each copy, and only then deletes the segment file.',
    )
    .version(readVersion(), '-V, --version', 'print the version')
    .option(
      '--config <file>',
      'configuration (default: $WALQ_CONFIG, ./walq.toml, /etc/walq/walq.toml)',
    )
    .option('--json', 'print data and failures as JSON')
    .addOption(
      new Option(
        '-q, --quiet',
        'print data, warnings and errors only; roles log from level warn',
      ).conflicts('verbose'),
    )
    .option('-v, --verbose', 'print each step too; roles log from level debug')
    .option('--debug', 'show the causes of a failure')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, helpWidth: helpWidth() })
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', `${examplesText(['walq demo', 'walq help archive'])}\n\n${EXIT_CODES}`)
    .exitOverride();
}

/** 100 columns for a pipe and for a terminal of unknown width. */
const helpWidth = (): number => Math.max(40, process.stdout.columns || 100);

const EXIT_CODES = 'Exit codes: 0 done, 1 failed, 2 wrong usage.';

const examplesText = (lines: readonly string[]): string =>
  `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
