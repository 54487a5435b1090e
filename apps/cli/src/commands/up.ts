import { showAddress, type Config } from '@walq/wal-core';
import { examples, workersOption } from '../arguments.ts';
import type { Call, CliCommand } from '../command.ts';
import { privateRedisDirectory, withPrivateRedis } from '../private-redis/index.ts';
import { requireSources } from '../require.ts';
import { printChildren, roleSpec, superviseAll, type ChildSpec } from '../supervise/index.ts';
import { note } from '../terminal/print.ts';

interface UpOptions {
  readonly workers: number;
}

type Environment = Readonly<Record<string, string>>;

export const command: CliCommand<UpOptions> = {
  define(program) {
    program
      .addOption(workersOption(1))
      .addHelpText(
        'after',
        examples('walq up', 'walq up --workers 4 --config /etc/walq/walq.toml'),
      );
  },

  async run(call) {
    const config = await call.loadConfig();
    requireSources(config);
    const listener = printChildren({ bare: call.json });
    const run = (env: Environment): Promise<void> =>
      superviseAll(rolesOf(call, config, env), listener, call.signal);
    if (config.redis !== undefined) await run({});
    else {
      const directory = privateRedisDirectory(config);
      await withPrivateRedis(directory, listener, call.signal, ({ env, url }) => {
        note(
          `walq: redis.url is not set: running a private Redis at ${url}, its files in ${directory}`,
        );
        return run(env);
      });
    }
    return 0;
  },
};

function rolesOf(call: Call<UpOptions>, config: Config, env: Environment): ChildSpec[] {
  const { configPath } = call;
  const role = (name: string, command: string, own: Environment = {}): ChildSpec =>
    roleSpec(name, [command], { configPath, env: { ...env, ...own } });
  const workers = Array.from({ length: call.options.workers }, (_, index) =>
    role(`worker-${index + 1}`, 'worker', healthOf(config, index)),
  );
  return [role('producer', 'producer'), ...workers, role('dashboard', 'dashboard')];
}

/** Several workers on one machine cannot share a port: each has the next one. */
function healthOf({ worker: { health } }: Config, index: number): Environment {
  if (health === undefined || health.port === 0) return {};
  return { WALQ_WORKER__HEALTH: showAddress({ ...health, port: health.port + index }) };
}
