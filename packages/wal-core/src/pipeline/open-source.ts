/** Brings a source and its archive together, after making sure that they belong to each other. */
import type { Disk } from '../disk/index.ts';
import { WalqError } from '../failure/index.ts';
import { createIdentity, readIdentity, SealedGate, type Source } from '../segment/index.ts';
import { archiveKeyOf, claimArchive, readArchiveOwner, type ArchiveStore } from '../store/index.ts';

/** A source whose identity is read, and whose name in the archive is its own. */
export interface OpenSource {
  readonly source: Source;
  /** The UUID that the source's directory carries. */
  readonly sourceId: string;
  readonly store: ArchiveStore;
  readonly gate: SealedGate;
}

export interface OpenSourceOptions {
  readonly disk: Disk;
  readonly source: Source;
  readonly store: ArchiveStore;
  /**
   * Gives a directory without identity a new one, where the archive does not know the name yet: for the
   * flush side, never for a worker, to which an unmounted share looks the same.
   */
  readonly mayCreateIdentity: boolean;
}

export async function openSource(options: OpenSourceOptions): Promise<OpenSource> {
  const { disk, source, store } = options;
  const known = await readArchiveOwner(store, source.name);
  const sourceId = await identify(options, known?.sourceId);
  const owner = known ?? (await claimArchive(store, source, sourceId));
  if (owner.sourceId !== sourceId) throw notTheOwner(source, store);
  const isArchived = async (segment: { name: string; number: bigint }) =>
    (await store.stat(archiveKeyOf(source.name, segment))) !== undefined;
  return { source, sourceId, store, gate: new SealedGate({ disk, source, sourceId, isArchived }) };
}

async function identify(options: OpenSourceOptions, owner: string | undefined): Promise<string> {
  const { disk, source, mayCreateIdentity } = options;
  const id = await readIdentity(disk, source);
  if (id !== undefined) return id;
  if (mayCreateIdentity && owner === undefined) return createIdentity(disk, source);
  const why = owner === undefined ? 'walq producer makes one' : 'the archive knows this source';
  throw new WalqError('source-unavailable', {
    message: `source '${source.name}' is not available: ${source.directory} carries no identity, and ${why}`,
  });
}

const notTheOwner = (source: Source, store: ArchiveStore): WalqError =>
  new WalqError('source-identity-mismatch', {
    message: `the archive ${store.url} holds another source under the name '${source.name}' than ${source.directory}`,
  });
