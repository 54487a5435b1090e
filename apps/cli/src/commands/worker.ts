import { runWorker } from '@walq/archiver-worker';
import { createLogger } from '@walq/role';
import {
  concurrencyOption,
  durationOption,
  logLevelFlag,
  logLevelOption,
  type LogLevelOption,
} from '../command-line/arguments.ts';
import type { CliCommand } from '../command-line/command.ts';
import { requireRole } from '../sources/require.ts';
import { readVersion } from '../version.ts';
import { assertMayWrite } from '../sources/owner.ts';

interface WorkerOptions extends LogLevelOption {
  readonly concurrency?: number;
  readonly untilEmpty?: boolean;
  readonly shutdownGrace?: string;
  readonly stallTimeout: number;
}

/** Longer than the time until another worker takes over the jobs of a killed one. */
const STALL_TIMEOUT_MS = 120_000;

export const command: CliCommand<WorkerOptions> = {
  examples: ['walq worker --concurrency 4', 'walq worker --until-empty'],

  define(program) {
    program
      .addOption(concurrencyOption())
      .addOption(logLevelOption())
      .option(
        '--shutdown-grace <duration>',
        'on SIGTERM, wait this long for segments in flight (default: 1s)',
      )
      .option(
        '--until-empty',
        'exit when nothing is due; exit code 1 if a segment is in quarantine',
      )
      .addOption(
        durationOption(
          '--stall-timeout <duration>',
          'with --until-empty: exit code 1 after this long without progress',
        ).default(STALL_TIMEOUT_MS, '2m'),
      );
  },

  async run(call) {
    const { loadConfig, options, signal } = call;
    const { concurrency, shutdownGrace, stallTimeout } = options;
    const untilEmpty = options.untilEmpty === true ? { stallTimeoutMs: stallTimeout } : undefined;
    const flags = [
      { flag: '--concurrency', key: 'wal.archive_parallelism', value: concurrency },
      { flag: '--shutdown-grace', key: 'worker.shutdown_grace', value: shutdownGrace },
      logLevelFlag(options),
    ];
    const config = requireRole(await loadConfig({ secretsOf: ['redis'], flags }));
    await assertMayWrite(call, ...config.sources);
    const logger = await createLogger(config.log);
    const version = readVersion();
    const { quarantined } = await runWorker({ config, untilEmpty, logger, signal, version });
    if (quarantined > 0) return 1;
    // Stopping a role is not a failure, but stopping before the queue is empty is.
    return untilEmpty === undefined ? 0 : undefined;
  },
};
