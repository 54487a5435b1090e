import { Argument } from '../../command-line/commander.ts';
import type { CliCommand } from '../../command-line/command.ts';
import { bashScript } from './bash-script.ts';
import { completedProgram } from './completed-words.ts';
import { fishScript } from './fish-script.ts';
import { zshScript } from './zsh-script.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
type Shell = keyof typeof scripts;

export const command: CliCommand = {
  examples: ['source <(walq completion bash)', 'walq completion fish | source'],

  define(program) {
    program.addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(scripts)));
  },

  async run({ args, commandTree }) {
    const { program, define } = commandTree();
    for (const one of program.commands) await define(one);
    const script = scripts[args[0] as Shell](completedProgram(program));
    process.stdout.write(`${script}\n`);
  },
};
