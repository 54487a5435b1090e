/** The manual page of all commands, in roff, generated from their help. */
import type { Command } from '../command-line/commander.ts';
import type { CliCommand } from '../command-line/command.ts';
import { readVersion } from '../version.ts';

export const command: CliCommand = {
  examples: ['walq man | man -l -'],

  define() {},

  async run({ commandTree }) {
    const { program, define } = commandTree();
    const sections: string[] = [];
    for (const one of program.createHelp().visibleCommands(program)) {
      const { examples } = await define(one);
      sections.push(commandSection(one, examples));
    }
    process.stdout.write(`${manualPage(program, sections)}\n`);
  },
};

/** The date of SOURCE_DATE_EPOCH, so that a release is reproducible; otherwise today. */
function pageDate(): string {
  const seconds = process.env['SOURCE_DATE_EPOCH'];
  const date = seconds === undefined ? new Date() : new Date(Number(seconds) * 1000);
  return date.toISOString().slice(0, 10);
}

const manualPage = (program: Command, commands: readonly string[]): string =>
  [
    `.TH WALQ 1 ${pageDate()} "walq ${readVersion()}" "User Commands"`,
    '.SH NAME',
    `walq \\- archive write\\-ahead\\-log segments`,
    '.SH SYNOPSIS',
    `.B ${escaped(program.createHelp().commandUsage(program))}`,
    '.SH DESCRIPTION',
    paragraph(program.description()),
    '.SH COMMANDS',
    ...commands,
    '.SH GLOBAL OPTIONS',
    'Every command takes these options as well.',
    ...optionItems(program),
    '.SH EXIT STATUS',
    ...item('0', 'The command is done.'),
    ...item('1', 'The command failed. The message on standard error names the failure.'),
    ...item('2', 'The command line is wrong.'),
    '.PP',
    paragraph(
      'The exit codes of wal-fetch are for PostgreSQL: 1 means that the archive does not hold the file; above 125 recovery stops.',
    ),
    '.SH FILES',
    ...item('walq.toml', 'The configuration: in the working directory, else in /etc/walq.'),
    '.SH SEE ALSO',
    'The folder docs of the release; docs/errors.md explains each failure.',
  ].join('\n');

const commandSection = (command: Command, examples: readonly string[]): string => {
  const help = command.createHelp();
  return [
    `.SS ${escaped(help.commandUsage(command))}`,
    paragraph(help.commandDescription(command)),
    ...help
      .visibleArguments(command)
      .flatMap((one) => item(help.argumentTerm(one), help.argumentDescription(one))),
    ...optionItems(command),
    '.PP',
    examples.length === 1 ? 'Example:' : 'Examples:',
    '.PP',
    '.nf',
    ...examples.map((line) => `    ${escaped(line)}`),
    '.fi',
  ].join('\n');
};

/** Each command has the same `--help`: it is described once. */
function optionItems(command: Command): string[] {
  const help = command.createHelp();
  const options = help.visibleOptions(command);
  const own = command.parent === null ? options : options.filter(({ long }) => long !== '--help');
  return own.flatMap((one) => item(help.optionTerm(one), help.optionDescription(one)));
}

const item = (term: string, text: string): string[] => [
  '.TP',
  `.B ${escaped(term)}`,
  paragraph(text),
];

/** In short lines, as readers of roff expect. */
const paragraph = (text: string): string =>
  escaped(text.replaceAll(/(.{1,60})(?:\s+|$)/g, '$1\n').trimEnd());

/** Escapes roff requests and escape sequences, and characters outside ASCII. */
const escaped = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^[.']/gm, String.raw`\&$&`)
    .replaceAll(/[^\0-\x7F]/gu, (character) => {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
      return `\\[u${code.padStart(4, '0')}]`;
    });
