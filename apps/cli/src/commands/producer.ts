import { runProducer } from '@walq/producer';
import { createLogger } from '@walq/role';
import { isWalqError } from '@walq/wal-core/internal';
import { logLevelFlag, logLevelOption, type LogLevelOption } from '../command-line/arguments.ts';
import type { CliCommand } from '../command-line/command.ts';
import { makeArchiveFor } from '../sources/named-archive.ts';
import { requireRole } from '../sources/require.ts';
import { readVersion } from '../version.ts';
import { assertMayWrite } from '../sources/owner.ts';

/** An unreadable source is not a new one and must not stop the others: the role reports it and retries. */
function unlessUnavailable(error: unknown): void {
  if (!isWalqError(error, 'source-unavailable')) throw error;
}

export const command: CliCommand<LogLevelOption> = {
  examples: ['walq producer --config /etc/walq/walq.toml'],

  define(program) {
    program.addOption(logLevelOption());
  },

  /** Stopping a role by a signal is not a failure: exit code 0. */
  async run(call) {
    const { loadConfig, options, signal } = call;
    const flags = [logLevelFlag(options)];
    const config = requireRole(await loadConfig({ secretsOf: ['redis'], flags }));
    await assertMayWrite(call, ...config.sources);
    for (const source of config.sources) {
      await makeArchiveFor(source, source).catch(unlessUnavailable);
    }
    const logger = await createLogger(config.log);
    await runProducer({ config, signal, logger, version: readVersion() });
    return 0;
  },
};
