/** Lists what is wrong in an archive and how to fix it; with an action, fixes it. */
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
    'walq repair orders --release wal-000042.bin',
    'walq repair orders --rearchive --replace-corrupt --dry-run',
    'walq repair orders --replace-corrupt wal-000042.bin',
    'walq repair orders --acknowledge-gap wal-0000041.bin..wal-0000045.bin --reason "lost with disk 3"',
  ],

  define(program) {
    program
      .argument('[source]', 'only this source; an action needs it unless there is only one')
      .option(
        '--release <segment>',
        'release a segment from quarantine, so that it is archived again',
      )
      .option('--release-all', 'release every segment from quarantine')
      .option(
        '--rearchive',
        'archive now, in this process, what is at the source and missing in the archive',
      )
      .option(
        '--replace-corrupt [segment]',
        'archive a segment again from its source if its object does not decode, or holds only the beginning of a file that grew; the old object is kept. With --rearchive: every object that does not decode',
      )
      .option('--acknowledge-gap <after..before>', 'acknowledge the gap between two segments')
      .option('--reason <text>', 'why the segments are missing (with --acknowledge-gap)')
      .option('--history', 'list past repairs: what, by whom and why')
      .option('--dry-run', 'with an action: show what it would do and change nothing')
      .option(
        '--take-over',
        'also finish a replacement that another instance started and will never finish',
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
