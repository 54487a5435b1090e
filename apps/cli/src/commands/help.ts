import { nearestOf } from '@walq/config/values';
import type { CliCommand } from '../command-line/command.ts';
import { UsageError } from '../command-line/usage-error.ts';

export const command: CliCommand = {
  examples: ['walq help', 'walq help restore'],

  define(program) {
    program.argument('[command]', 'the command (default: all of them, with their summaries)');
  },

  async run({ args: [name], commandTree }) {
    const { program, define } = commandTree();
    if (name === undefined) return program.outputHelp();
    const found = program.commands.find((one) => one.name() === name);
    if (found === undefined)
      throw unknownCommand(
        name,
        program.commands.map((one) => one.name()),
      );
    await define(found);
    found.outputHelp();
  },
};

function unknownCommand(name: string, known: readonly string[]): UsageError {
  const nearest = nearestOf(name, known);
  const help = "Run 'walq help'.";
  return new UsageError(
    `unknown command '${name}'`,
    nearest === undefined ? help : `Did you mean ${nearest}? ${help}`,
  );
}
