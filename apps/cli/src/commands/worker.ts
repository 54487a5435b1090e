import { runWorker } from '@walq/archiver-worker';
import { createLogger } from '@walq/role';
import { concurrencyOption, examples } from '../arguments.ts';
import type { CliCommand } from '../command.ts';
import { requireRole } from '../require.ts';

interface WorkerOptions {
  readonly concurrency?: number;
  readonly untilEmpty?: boolean;
}

export const command: CliCommand<WorkerOptions> = {
  define(program) {
    program
      .addOption(concurrencyOption())
      .option('--until-empty', 'end when nothing due is left; exit code 1 when some is quarantined')
      .addHelpText('after', examples('walq worker --concurrency 4', 'walq worker --until-empty'));
  },

  async run({ loadConfig, options, signal }) {
    const { concurrency, untilEmpty } = options;
    const flag = { flag: '--concurrency', key: 'wal.archive_parallelism', value: concurrency };
    const config = requireRole(await loadConfig([flag]));
    const logger = createLogger(config.log.level);
    const { quarantined } = await runWorker({ config, untilEmpty, logger, signal });
    if (quarantined > 0) return 1;
    // Ending a role is no failure of it; ending before all was done is.
    return untilEmpty === true ? undefined : 0;
  },
};
