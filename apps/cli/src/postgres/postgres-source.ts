/** Which source a PostgreSQL command is about: the one that is named, or the one that can be meant. */
import { realpathSync } from 'node:fs';
import type { Config, ConfiguredSource } from '@walq/config';
import type { ReadyRule } from '@walq/wal-core/internal';
import { requireSources, sourceOf } from '../sources/require.ts';
import { UsageError } from '../command-line/usage-error.ts';

export type PostgresSource = ConfiguredSource & { readonly sealedRule: ReadyRule };

/** @throws UsageError where none, or more than one, can be meant */
export function postgresSource(config: Config, name: string | undefined): PostgresSource {
  const wanted = name === undefined ? requireSources(config) : [sourceOf(config, name)];
  const found = wanted.filter(isPostgres);
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only;
  const here = found.find(({ sealedRule }) => isSameDirectory(sealedRule.dataDirectory, '.'));
  if (here !== undefined) return here;
  if (only !== undefined) {
    const names = found.map((source) => source.name).join(', ');
    throw new UsageError('several sources are of type postgres', `Give --source: ${names}.`);
  }
  const what = name === undefined ? 'no source is' : `source '${name}' is not`;
  throw new UsageError(
    `${what} of type postgres`,
    `Set type = "postgres" in ${config.file ?? 'the configuration'}.`,
  );
}

export const isPostgres = (source: ConfiguredSource): source is PostgresSource =>
  source.sealedRule.kind === 'ready';

/** Also where one of them is named through a symbolic link. */
export function isSameDirectory(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
