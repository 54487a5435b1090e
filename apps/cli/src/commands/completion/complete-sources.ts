/** Prints the names of the configured sources, one per line, for the scripts of `walq completion`. */
import type { CliCommand } from '../../command-line/command.ts';
import { printLines } from '../../terminal/print.ts';

export const command: CliCommand = {
  examples: [],

  define() {},

  async run({ loadConfig }) {
    const { sources } = await loadConfig();
    await printLines(sources.map(({ name }) => name));
  },
};
