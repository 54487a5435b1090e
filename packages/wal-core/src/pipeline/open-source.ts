/** Brings a source and its archive together, after making sure that they belong to each other. */
import type { Disk } from '../disk/index.ts';
import { WalqError } from '../failure/index.ts';
import {
  createIdentity,
  isKnownArchive,
  readIdentity,
  rememberArchive,
  SealedGate,
  type SegmentName,
  type Source,
} from '../segment/index.ts';
import {
  claimArchive,
  hasObject,
  readArchiveOwner,
  type ArchiveOwner,
  type ArchiveStore,
} from '../store/index.ts';

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
   * Introduces a new source: gives a directory without identity one, and the archive the source's name,
   * where neither knows of the other. For the flush side, never for a worker, to which an unmounted share
   * looks the same.
   */
  readonly mayIntroduce: boolean;
}

export async function openSource(options: OpenSourceOptions): Promise<OpenSource> {
  const { disk, source, store, mayIntroduce } = options;
  const known = await readArchiveOwner(store, source.name);
  const sourceId = await identify(options, known?.sourceId);
  const owner = known ?? (await claim(options, sourceId));
  if (owner.sourceId !== sourceId) throw notTheOwner(source, store);
  if (mayIntroduce) await remember(options);
  const isArchived = (segment: SegmentName) => hasObject(store, source.name, segment);
  return { source, sourceId, store, gate: new SealedGate({ disk, source, sourceId, isArchived }) };
}

/** Writes only what is new: a source must open also while its disk is full. */
async function remember({ disk, source, store }: OpenSourceOptions): Promise<void> {
  if (await isKnownArchive(disk, source, store.url)) return;
  await rememberArchive(disk, source, store.url);
}

/** Only the flush side takes a place for a new archive, and only once: the next time it is not mounted. */
async function claim(options: OpenSourceOptions, sourceId: string): Promise<ArchiveOwner> {
  const { disk, source, store, mayIntroduce } = options;
  const isKnown = await isKnownArchive(disk, source, store.url);
  if (mayIntroduce && !isKnown) return claimArchive(store, source, sourceId);
  throw new WalqError('store-unavailable', {
    message: `the archive ${store.url} does not know source '${source.name}'`,
    hint: isKnown
      ? 'It did before: is it mounted? walq goes on by itself once it is.'
      : 'walq producer introduces the source to it; is one running?',
  });
}

async function identify(options: OpenSourceOptions, owner: string | undefined): Promise<string> {
  const { disk, source, mayIntroduce } = options;
  const id = await readIdentity(disk, source);
  if (id !== undefined) return id;
  if (mayIntroduce && owner === undefined) return createIdentity(disk, source);
  const why = owner === undefined ? 'walq producer makes one' : 'the archive knows this source';
  throw new WalqError('source-unavailable', {
    message: `source '${source.name}' is not available: ${source.directory} carries no identity, and ${why}`,
  });
}

const notTheOwner = (source: Source, store: ArchiveStore): WalqError =>
  new WalqError('source-identity-mismatch', {
    message: `the archive ${store.url} holds another source under the name '${source.name}' than ${source.directory}`,
  });
