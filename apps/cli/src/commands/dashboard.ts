import { runDashboard } from '@walq/dashboard';
import { createLogger } from '@walq/role';
import { logLevelFlag, logLevelOption, type LogLevelOption } from '../command-line/arguments.ts';
import type { CliCommand } from '../command-line/command.ts';
import { requireRole } from '../sources/require.ts';
import { readVersion } from '../version.ts';
import { assertMayWriteArchive } from '../sources/owner.ts';

interface DashboardOptions extends LogLevelOption {
  readonly listen?: string;
}

export const command: CliCommand<DashboardOptions> = {
  examples: ['walq dashboard --listen 127.0.0.1:9463'],

  define(program) {
    program
      .option('--listen <host:port>', 'address to listen on (default: dashboard.listen)')
      .addOption(logLevelOption());
  },

  async run(call) {
    const { loadConfig, options, signal } = call;
    const listen = { flag: '--listen', key: 'dashboard.listen', value: options.listen };
    const flags = [listen, logLevelFlag(options)];
    const config = requireRole(await loadConfig({ secretsOf: ['redis', 'dashboard'], flags }));
    for (const { archiveUrl } of config.dashboard.readOnly ? [] : config.sources) {
      await assertMayWriteArchive(call, archiveUrl);
    }
    const logger = await createLogger(config.log);
    await runDashboard({ config, signal, logger, version: readVersion() });
    return 0;
  },
};
