import { examples } from '../arguments.ts';
import type { CliCommand } from '../command.ts';
import { print, printJson } from '../terminal/print.ts';
import { readVersion } from '../version.ts';

export const command: CliCommand = {
  define(program) {
    program.addHelpText('after', examples('walq version', 'walq version --json'));
  },

  async run({ json }) {
    const version = readVersion();
    if (json) await printJson({ version });
    else await print(version);
  },
};
