/** Where `wal-fetch` reads WAL from, and where it keeps files that it fetched ahead. */
import {
  namingInArchive,
  nodeDisk,
  openStoreOf,
  WalqError,
  type ArchiveStore,
} from '@walq/wal-core/light';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Call } from '../../command-line/command.ts';
import { openNamedArchive } from '../../sources/named-archive.ts';
import { postgresSource } from '../../postgres/postgres-source.ts';
import { UsageError } from '../../command-line/usage-error.ts';

export interface FetchPlaceOptions {
  readonly source?: string;
  readonly archive?: string;
}

export interface FetchPlace {
  readonly store: ArchiveStore;
  /** Name in the archive. */
  readonly source: string;
  /** Undefined where the archive is named on the command line. */
  readonly configFile: string | undefined;
}

/** Needs no data directory: the archive and the name of the source are enough. */
export async function fetchPlace(call: Call<FetchPlaceOptions>): Promise<FetchPlace> {
  const { archive, source } = call.options;
  if (archive === undefined) {
    const config = await call.loadConfig();
    const found = postgresSource(config, source);
    return {
      source: found.name,
      store: openStoreOf(found, nodeDisk),
      configFile: config.file,
    };
  }
  const store = await openNamedArchive(call, archive);
  return { store, configFile: undefined, source: source ?? (await onlySource(store)) };
}

async function onlySource(store: ArchiveStore): Promise<string> {
  const [only, ...more] = await store.listSources();
  if (only === undefined) {
    throw new WalqError('store-unavailable', {
      message: `the archive ${store.url} is empty`,
      hint: 'Check that the archive is mounted, and the URL of --archive.',
    });
  }
  if (more.length === 0) return only;
  throw new UsageError(
    `the archive ${store.url} has several sources`,
    `Set --source to one of ${[only, ...more].join(', ')}.`,
  );
}

/** Size of a segment, as recorded when the source first archived. */
export async function walSegmentBytes({ store, source }: FetchPlace): Promise<number> {
  const { rule } = await namingInArchive(store, source);
  if (rule.kind !== 'postgres') throw new TypeError('no naming of PostgreSQL');
  return rule.segmentBytes;
}

/** Next to the data directory, in which PostgreSQL runs the command; undefined if run elsewhere. */
export function stateDirectory(): string | undefined {
  const here = process.cwd();
  if (!existsSync(join(here, 'PG_VERSION'))) return undefined;
  // Empty counts as unset, as in the shell fast path.
  return process.env['WALQ_STATE'] || `${here}.walq`;
}

/** One directory for each archive and source, so that files of two archives never mix. */
export function aheadDirectory(state: string, { store, source }: FetchPlace): string {
  const key = createHash('sha256').update(`${store.url}\n${source}`).digest('hex').slice(0, 32);
  return join(state, 'fetched', key);
}
