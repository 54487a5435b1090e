import { runProducer } from '@walq/producer';
import { createLogger } from '@walq/role';
import { examples } from '../arguments.ts';
import type { CliCommand } from '../command.ts';
import { makeArchiveFor } from '../make-archive.ts';
import { requireRole } from '../require.ts';
import { readVersion } from '../version.ts';

export const command: CliCommand = {
  define(program) {
    program.addHelpText('after', examples('walq producer --config /etc/walq/walq.toml'));
  },

  /** Ending a role is no failure of it: exit code 0. */
  async run({ loadConfig, signal }) {
    const config = requireRole(await loadConfig());
    for (const source of config.sources) await makeArchiveFor(source, source);
    const logger = createLogger(config.log.level);
    await runProducer({ config, signal, logger, version: readVersion() });
    return 0;
  },
};
