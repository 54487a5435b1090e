/** What is wrong in an archive, and what to do about it; with an action, does it. */
import { archiveOption, concurrencyOption } from '../../command-line/arguments.ts';
import type { CliCommand } from '../../command-line/command.ts';
import { acknowledge } from './acknowledge.ts';
import { actionOf, type RepairOptions } from './options.ts';
import { showHistory, showOutlook } from './outlook.ts';
import { rearchiveHere } from './rearchive-here.ts';
import { release } from './release.ts';

export const command: CliCommand<RepairOptions> = {
  examples: [
    'walq repair',
    'walq repair orders --release wal-0000042.bin',
    'walq repair orders --rearchive --replace-corrupt --dry-run',
    'walq repair orders --replace-corrupt wal-0000042.bin',
    'walq repair orders --acknowledge-gap wal-0000041.bin..wal-0000045.bin --reason "lost with disk 3"',
  ],

  define(program) {
    program
      .argument('[source]', 'only this source; an action may leave it out where there is one alone')
      .option('--release <segment>', 'let a segment that is set aside be archived again')
      .option('--release-all', 'let all segments that are set aside be archived again')
      .option(
        '--rearchive',
        'archive again, here and now, what is at the source and missing in the archive',
      )
      .option(
        '--replace-corrupt [segment]',
        'replace an object that does not decode, or holds only the beginning of a file that grew, by its source, and keep it aside; with --rearchive all that do not decode',
      )
      .option('--acknowledge-gap <after..before>', 'explain the gap between two segments')
      .option('--reason <text>', 'why its segments are missing (with --acknowledge-gap)')
      .option('--history', 'what was repaired, by whom and why')
      .option('--dry-run', 'with an action: show what it would do, and change nothing')
      .option(
        '--take-over',
        'replace also what another instance began to replace and will never end',
      )
      .addOption(archiveOption())
      .addOption(concurrencyOption());
  },

  async run(call) {
    const action = actionOf(call.options);
    if (action === 'list') return showOutlook(call);
    if (action === 'history') return showHistory(call);
    if (action === 'release') return release(call);
    if (action === 'acknowledge-gap') return acknowledge(call);
    return rearchiveHere(call);
  },
};
