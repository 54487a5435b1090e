/** Where `wal-fetch` takes WAL from, and where it keeps what it fetched ahead. */
import {
  AheadDirectory,
  namingInArchive,
  nodeDisk,
  openStoreOf,
  WalqError,
  type ArchiveStore,
} from '@walq/wal-core/internal';
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

/** Needs no data directory: the archive and the source's name are enough. */
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
      hint: 'Check that the archive is mounted, then --archive.',
    });
  }
  if (more.length === 0) return only;
  throw new UsageError(
    `the archive ${store.url} has not one source alone`,
    `Give --source: ${[only, ...more].join(', ')}.`,
  );
}

/** How long a segment was when the source was new to the archive. */
export async function walSegmentBytes({ store, source }: FetchPlace): Promise<number> {
  const { rule } = await namingInArchive(store, source);
  if (rule.kind !== 'postgres') throw new TypeError('no naming of PostgreSQL');
  return rule.segmentBytes;
}

/** Beside the data directory, in which PostgreSQL runs the command; undefined when it is run elsewhere. */
export function stateDirectory(): string | undefined {
  const here = process.cwd();
  if (!existsSync(join(here, 'PG_VERSION'))) return undefined;
  // Empty counts as unset, as it does in the front.
  return process.env['WALQ_STATE'] || `${here}.walq`;
}

/** Of one archive and one source: what another archive holds is never mistaken for this one's. */
export function aheadDirectory(state: string, { store, source }: FetchPlace): AheadDirectory {
  const key = createHash('sha256').update(`${store.url}\n${source}`).digest('hex').slice(0, 32);
  return new AheadDirectory(nodeDisk, join(state, 'fetched', key));
}
