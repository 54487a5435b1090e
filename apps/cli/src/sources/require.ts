/** What a command requires of the configuration. */
import type { Config, ConfigWith, ConfiguredSource, RedisConfig } from '@walq/config';
import { nearestOf, usualConfigPaths } from '@walq/config/values';
import { WalqError } from '@walq/wal-core/light';
import { UsageError } from '../command-line/usage-error.ts';

const ADD_SOURCE = 'Add a table [sources.<name>] with type and path, or name a file with --config.';

/** The configured sources, at least one. */
export function requireSources(config: Config): readonly ConfiguredSource[] {
  if (config.sources.length > 0) return config.sources;
  throw new WalqError('configuration-invalid', {
    message: `no sources are configured: ${whereOf(config)}`,
    hint: ADD_SOURCE,
  });
}

/** Sources and a Redis, which every role needs. Only `walq up` and `walq demo` start a private Redis. */
export function requireRole<C extends ConfigWith<'redis'>>(
  config: C,
): C & { readonly redis: RedisConfig } {
  requireSources(config);
  const { redis } = config;
  if (redis !== undefined) return { ...config, redis };
  throw new WalqError('configuration-invalid', {
    message: `redis.url is not set: ${whereOf(config)}`,
    hint: 'Set redis.url or WALQ_REDIS__URL. Only walq up and walq demo start a private Redis.',
  });
}

/** The configuration file, or the paths where none was found. */
export function whereOf({ file }: Config): string {
  if (file !== undefined) return file;
  return `no configuration file was found (searched ${usualConfigPaths(process.cwd()).join(', ')})`;
}

/** The source of this name. @throws UsageError that lists the names */
export function sourceOf(config: Config, name: string): ConfiguredSource {
  const source = config.sources.find((configured) => configured.name === name);
  if (source !== undefined) return source;
  const names = config.sources.map((configured) => configured.name);
  const nearest = nearestOf(name, names);
  throw new UsageError(
    `there is no source '${name}'${config.file === undefined ? ': ' : ' in '}${whereOf(config)}`,
    names.length === 0
      ? ADD_SOURCE
      : `${nearest === undefined ? '' : `Did you mean ${nearest}? `}The sources are ${names.join(', ')}.`,
  );
}
