/** Which sources of which archive a command reads: those of the configuration, or all of `--archive`. */
import {
  nodeDisk,
  openStoreOf,
  readArchiveOwner,
  readOwnerOf,
  WalqError,
  type ArchiveStore,
  type SegmentName,
  type SegmentNaming,
} from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import type { Call } from '../command-line/command.ts';
import { openNamedArchive } from './named-archive.ts';
import { requireSources, sourceOf } from './require.ts';
import { UsageError } from '../command-line/usage-error.ts';

/** One source in its archive. */
export interface ArchivedSource {
  readonly name: string;
  readonly store: ArchiveStore;
  readonly naming: SegmentNaming;
  readonly consecutive: boolean;
  /** Undefined if only the archive is known. */
  readonly source: ConfiguredSource | undefined;
}

export interface ArchiveOptions {
  readonly archive?: string;
}

/** One source by name, or all. */
export async function archivedSources(
  call: Call<ArchiveOptions>,
  name?: string,
): Promise<readonly ArchivedSource[]> {
  if (call.options.archive !== undefined) return ofArchive(call, call.options.archive, name);
  const config = await call.loadConfig();
  const sources = name === undefined ? requireSources(config) : [sourceOf(config, name)];
  return Promise.all(sources.map(ofConfiguration));
}

async function ofConfiguration(source: ConfiguredSource): Promise<ArchivedSource> {
  const store = openStoreOf(source, nodeDisk);
  return { ...source, naming: await namingOf(source, store), store, source };
}

/** The archive knows PostgreSQL's segment size and the names of a source without a pattern; a configuration does not. */
async function namingOf(source: ConfiguredSource, store: ArchiveStore): Promise<SegmentNaming> {
  const isByFiles = source.naming.rule.kind === 'by-files';
  if (source.type !== 'postgres' && !isByFiles) return source.naming;
  const owner = await readOwnerOf(nodeDisk, source, store);
  return owner !== undefined && owner.type === source.type ? owner.naming : source.naming;
}

async function ofArchive(
  call: Call<ArchiveOptions>,
  text: string,
  name?: string,
): Promise<ArchivedSource[]> {
  const store = await openNamedArchive(call, text);
  const there = await store.listSources();
  if (name !== undefined && !there.includes(name)) throw notThere(store, name, there);
  const found: ArchivedSource[] = [];
  for (const source of name === undefined ? there.toSorted() : [name]) {
    const owner = await readArchiveOwner(store, source);
    if (owner === undefined) continue;
    const { naming, consecutive } = owner;
    found.push({ name: source, store, naming, consecutive, source: undefined });
  }
  return found;
}

function notThere(store: ArchiveStore, name: string, there: readonly string[]): WalqError {
  return new WalqError('object-missing', {
    message: `the archive ${store.url} has no source '${name}'`,
    hint:
      there.length === 0
        ? 'Check the URL: the archive is empty.'
        : `Name one of its sources: ${there.join(', ')}.`,
  });
}

/** Parses the name of a segment. @throws UsageError */
export function segmentOf(
  archived: Pick<ArchivedSource, 'name' | 'naming'>,
  text: string,
): SegmentName {
  const segment = archived.naming.parse(text);
  if (segment !== undefined) return segment;
  throw new UsageError(
    `'${text}' is not the name of a segment of source '${archived.name}'`,
    `Run walq list ${archived.name}, which shows the names.`,
  );
}
