/** For the scripts of `walq completion`: the names of the configured sources, a line each. */
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
