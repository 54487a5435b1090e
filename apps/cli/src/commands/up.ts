import { isForPeople } from '@walq/role';
import { showAddress, type Config, type ConfigWith } from '@walq/config';
import {
  logLevelFlag,
  logLevelOption,
  workersOption,
  type LogLevelOption,
} from '../command-line/arguments.ts';
import type { Call, CliCommand } from '../command-line/command.ts';
import { privateRedisDirectory } from '../private-redis/place.ts';
import { withPrivateRedis } from '../private-redis/private-redis.ts';
import { requireSources } from '../sources/require.ts';
import { printChildren, quietChildren } from '../supervise/print-children.ts';
import { roleSpec } from '../supervise/roles.ts';
import { superviseAll } from '../supervise/supervised.ts';
import type { ChildSpec } from '../supervise/run-child.ts';
import { note, isVerbose } from '../terminal/print.ts';
import { assertMayWrite } from '../sources/owner.ts';

interface UpOptions extends LogLevelOption {
  readonly workers: number;
}

type Environment = Readonly<Record<string, string>>;

/** How long a role may take to stop, in addition to worker.shutdown_grace. */
const STOP_MS = 10_000;

export const command: CliCommand<UpOptions> = {
  examples: ['walq up', 'walq up --workers 4 --config /etc/walq/walq.toml'],

  define(program) {
    program.addOption(workersOption(1)).addOption(logLevelOption());
  },

  async run(call) {
    const flags = [logLevelFlag(call.options)];
    const config = await call.loadConfig({ secretsOf: ['redis', 'dashboard'], flags });
    await assertMayWrite(call, ...requireSources(config));
    const listener = printChildren({ bare: call.json });
    const run = (env: Environment): Promise<void> =>
      superviseAll(rolesOf(call, config, env), listener, call.signal, {
        stopMs: config.worker.shutdownGraceMs + STOP_MS,
      });
    announce(config, call.options.workers);
    if (config.redis !== undefined) await run({});
    else {
      const directory = privateRedisDirectory(config);
      const ofRedis = isVerbose() ? listener : quietChildren();
      await withPrivateRedis(directory, ofRedis, call.signal, ({ env, url }) => {
        note(
          `walq: redis.url is not set: running a private Redis at ${url}, with its files in ${directory}`,
        );
        return run(env);
      });
    }
    return 0;
  },
};

function rolesOf(call: Call<UpOptions>, config: Config, env: Environment): ChildSpec[] {
  const { configPath } = call;
  const log = logOf(call, config);
  const role = (name: string, command: string, own: Environment = {}): ChildSpec =>
    roleSpec(name, [command], { configPath, env: { ...env, ...log, ...own } });
  const workers = Array.from({ length: call.options.workers }, (_, index) =>
    role(`worker-${index + 1}`, 'worker', metricsOf(config, index + 1)),
  );
  return [
    role('producer', 'producer', metricsOf(config, 0)),
    ...workers,
    role('dashboard', 'dashboard', metricsOf(config, call.options.workers + 1)),
  ];
}

/** The roles write to a pipe, but this process prints their lines, so its terminal decides the format. */
const logOf = ({ json }: Call<UpOptions>, { log }: Config): Environment => ({
  WALQ_LOG__LEVEL: log.level,
  WALQ_LOG__FORMAT: !json && isForPeople(log.format) ? 'text' : 'json',
});

/** Roles on one host cannot share a port, so each gets the next one. */
function metricsOf({ metrics: { listen } }: Config, index: number): Environment {
  if (listen === 'off' || listen.port === 0) return {};
  return { WALQ_METRICS__LISTEN: showAddress({ ...listen, port: listen.port + index }) };
}

function announce(
  { dashboard, metrics: { listen } }: ConfigWith<'dashboard'>,
  workers: number,
): void {
  note(`walq: the archive page is at http://${showAddress(dashboard.listen)}/`);
  if (listen === 'off' || listen.port === 0) return;
  const at = (index: number): string => showAddress({ ...listen, port: listen.port + index });
  const names = ['producer', ...range(workers).map((one) => `worker-${one + 1}`), 'dashboard'];
  const places = names.map((name, index) => `${name} ${at(index)}`).join(', ');
  note(`walq: metrics and health: ${places}`);
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
