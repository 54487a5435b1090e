/** Finds the source of a PostgreSQL command: by its name, by the current directory, or because it is the only one. */
import { realpathSync } from 'node:fs';
import type { Config, ConfiguredSource } from '@walq/config';
import type { ReadyRule } from '@walq/wal-core/internal';
import { requireSources, sourceOf } from '../sources/require.ts';
import { UsageError } from '../command-line/usage-error.ts';

export type PostgresSource = ConfiguredSource & { readonly sealedRule: ReadyRule };

/** @throws UsageError if no source or several sources match */
export function postgresSource(config: Config, name: string | undefined): PostgresSource {
  const candidates = name === undefined ? requireSources(config) : [sourceOf(config, name)];
  const found = candidates.filter(isPostgres);
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only;
  const here = found.find(({ sealedRule }) => isSameDirectory(sealedRule.dataDirectory, '.'));
  if (here !== undefined) return here;
  if (only !== undefined) {
    const names = found.map((source) => source.name).join(', ');
    throw new UsageError('several sources are of type postgres', `Pass --source: ${names}.`);
  }
  const what = name === undefined ? 'no source is' : `source '${name}' is not`;
  throw new UsageError(
    `${what} of type postgres`,
    `Set type = "postgres" in ${config.file ?? 'the configuration'}.`,
  );
}

export const isPostgres = (source: ConfiguredSource): source is PostgresSource =>
  source.sealedRule.kind === 'ready';

/** Resolves symbolic links. */
export function isSameDirectory(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
