import { runDashboard } from '@walq/dashboard';
import { createLogger } from '@walq/role';
import { examples, logLevelFlag, logLevelOption, type LogLevelOption } from '../arguments.ts';
import type { CliCommand } from '../command.ts';
import { requireRole } from '../require.ts';
import { readVersion } from '../version.ts';

interface DashboardOptions extends LogLevelOption {
  readonly listen?: string;
}

export const command: CliCommand<DashboardOptions> = {
  define(program) {
    program
      .option('--listen <host:port>', 'where to serve it (default: dashboard.listen)')
      .addOption(logLevelOption())
      .addHelpText('after', examples('walq dashboard --listen 127.0.0.1:9463'));
  },

  async run({ loadConfig, options, signal }) {
    const listen = { flag: '--listen', key: 'dashboard.listen', value: options.listen };
    const flags = [listen, logLevelFlag(options)];
    const config = requireRole(await loadConfig({ secretsOf: ['redis', 'dashboard'], flags }));
    const logger = await createLogger(config.log);
    await runDashboard({ config, signal, logger, version: readVersion() });
    return 0;
  },
};
