/** Opens a source together with its archive, after checking that they belong to each other. */
import { hostname } from 'node:os';
import type { Disk } from '../base/disk/disk.ts';
import { isMissing, sourceFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { readCluster, type Cluster } from '../source/postgres/control-file.ts';
import { createFloorsView, type FloorsView } from '../archive/floor-records.ts';
import {
  createIdentity,
  makeIdentityDurable,
  noIdentity,
  readIdentity,
} from '../source/identity.ts';
import { isKnownArchive, rememberArchive } from '../source/known-archives.ts';
import { postgresNaming } from '../source/postgres-naming.ts';
import { SealedGate } from '../source/sealed-gate.ts';
import type { SegmentName } from '../source/segment-name.ts';
import type { Source } from '../source/source.ts';
import { namingByFiles } from './naming-by-files.ts';
import {
  claimArchive,
  describeOwner,
  readArchiveOwner,
  isAdmitted,
  type ArchiveOwner,
} from '../store/archive-owner.ts';
import { hasObject } from '../store/stored-object.ts';
import type { ArchiveStore } from '../store/store.ts';
import { MissingArchive } from '../store/directory/failures.ts';

/** A source whose identity is known, and whose name in the archive is its own. */
export interface OpenSource {
  /** The source, completed with what only its directory knows, such as PostgreSQL's segment size. */
  readonly source: Source;
  /** Of a PostgreSQL source only. */
  readonly cluster?: Cluster | undefined;
  /** The UUID that the source's directory carries. */
  readonly sourceId: string;
  readonly store: ArchiveStore;
  readonly gate: SealedGate;
  /** Segments below the prune floor are not due. */
  readonly retention: FloorsView;
}

export interface OpenSourceOptions {
  readonly disk: Disk;
  readonly source: Source;
  readonly store: ArchiveStore;
  /**
   * Whether to register a new source: write an identity into a directory that has none, and the source's name into the
   * archive, where neither knows the other. For the flush side only: to a worker an unmounted share is the same as a
   * new source.
   */
  readonly registerIfNew: boolean;
}

export async function openSource(options: OpenSourceOptions): Promise<OpenSource> {
  const { disk, store, registerIfNew } = options;
  const known = await readOwnerOf(disk, options.source, store);
  const isByFiles = options.source.naming.rule.kind === 'by-files';
  const resolved = isByFiles ? undefined : await resolveSource(disk, options.source, known);
  const sourceId = await identify(options, known);
  // The naming must not be derived from the files of another source.
  if (known !== undefined) await assertOwner(store, options.source, known, sourceId);
  const { source, cluster } = resolved ?? (await resolveSource(disk, options.source, known));
  const owner = known ?? (await claim({ ...options, source }, sourceId, cluster));
  await assertOwner(store, source, owner, sourceId);
  if (registerIfNew) await recordArchive({ ...options, source }, sourceId, cluster);
  const isArchived = (segment: SegmentName) => hasObject(store, source.name, segment);
  const gate = new SealedGate({ disk, source, sourceId, isArchived });
  const retention = createFloorsView(store, source.name);
  return { source, cluster, sourceId, store, gate, retention };
}

/**
 * PostgreSQL's segment size comes from its data directory, not from the configuration. For a source without a pattern
 * the
 * files show which of them are segments.
 */
export async function resolveSource(
  disk: Disk,
  source: Source,
  owner: ArchiveOwner | undefined,
): Promise<{ readonly source: Source; readonly cluster?: Cluster }> {
  if (source.naming.rule.kind === 'by-files') {
    return { source: { ...source, naming: await namingByFiles(disk, source, owner?.naming) } };
  }
  if (source.sealedRule.kind !== 'ready') return { source };
  const cluster = await readCluster(disk, source.sealedRule.dataDirectory);
  return { cluster, source: { ...source, naming: postgresNaming(cluster.segmentBytes) } };
}

/** A name in an archive belongs to one source; for PostgreSQL also to the instances that were admitted. */
async function assertOwner(
  store: ArchiveStore,
  source: Source,
  owner: ArchiveOwner,
  sourceId: string,
): Promise<void> {
  if (owner.sourceId === sourceId) return;
  if (owner.type !== 'postgres' || source.type !== 'postgres')
    throw nameTaken(source, store, owner);
  if (!(await isAdmitted(store, source.name, sourceId))) throw notAdmitted(source, store);
}

/** Writes only what is new, because a source must open also while its disk is full. */
async function recordArchive(
  options: OpenSourceOptions,
  sourceId: string,
  cluster: Cluster | undefined,
): Promise<void> {
  const { disk, source, store } = options;
  if (await isKnownArchive(disk, source, store.url)) return;
  await claimDurably(options, sourceId, cluster);
  await rememberArchive(disk, source, store.url);
}

/**
 * The identity and the archive's record of the owner rely on each other. A process may have been killed between
 * writing
 * and fsync, so both are made durable here, the identity first.
 */
async function claimDurably(
  { disk, source, store }: OpenSourceOptions,
  sourceId: string,
  cluster: Cluster | undefined,
): Promise<ArchiveOwner> {
  await makeIdentityDurable(disk, source).catch((cause: unknown) => {
    throw sourceFailure(`make the identity of source '${source.name}' durable`, cause);
  });
  const { systemIdentifier } = cluster ?? {};
  return claimArchive(store, source, { sourceId, systemIdentifier });
}

/**
 * Only the flush side registers a source in a new archive, and only once: if the record is missing later, the archive
 * is not mounted.
 */
async function claim(
  options: OpenSourceOptions,
  sourceId: string,
  cluster: Cluster | undefined,
): Promise<ArchiveOwner> {
  const { disk, source, store, registerIfNew } = options;
  const isKnown = await isKnownArchive(disk, source, store.url);
  if (registerIfNew && !isKnown) return claimDurably(options, sourceId, cluster);
  if (isKnown) {
    // Another process may have registered the source since the owner was read.
    const owner = await readArchiveOwner(store, source.name);
    if (owner !== undefined) return owner;
    await assertOneName(store, source, sourceId);
  }
  throw new WalqError('store-unavailable', {
    message: `the archive ${store.url} does not know source '${source.name}'`,
    hint: isKnown
      ? 'The source was archived here before: check that the archive is mounted.'
      : 'Start walq producer, which registers the source in the archive.',
  });
}

/** Rejects where the archive holds this very directory under another name. */
async function assertOneName(store: ArchiveStore, source: Source, sourceId: string): Promise<void> {
  for (const name of await store.listSources()) {
    const owner = await readArchiveOwner(store, name);
    if (owner?.sourceId !== sourceId) continue;
    throw new WalqError('source-identity-mismatch', {
      message: `${source.directory} is already archived to ${store.url} as source '${name}', not as '${source.name}'`,
      hint: `A directory has one name in an archive: call the source '${name}', or give '${source.name}' an archive of its own.`,
    });
  }
}

async function identify(
  options: OpenSourceOptions,
  owner: ArchiveOwner | undefined,
): Promise<string> {
  const { disk, source, store, registerIfNew } = options;
  const id = await readIdentity(disk, source);
  if (id !== undefined) return id;
  // A data directory is never an unmounted share: an instance may be new to an old archive.
  const isNew = owner === undefined || source.sealedRule.kind === 'ready';
  if (registerIfNew && isNew) return createIdentity(disk, source);
  if (owner !== undefined) throw await notItsDirectory(disk, source, store, owner);
  throw noIdentity(source);
}

/** An empty directory may be an unmounted mount point; one with files in it belongs to another source. */
async function notItsDirectory(
  disk: Disk,
  source: Source,
  store: ArchiveStore,
  owner: ArchiveOwner,
): Promise<WalqError> {
  const isThat = owner.host === hostname() && owner.directory === source.directory;
  if (!isThat && (await hasFiles(disk, source))) return nameTaken(source, store, owner);
  return new WalqError('source-unavailable', {
    message: `source '${source.name}' is not available: ${source.directory} has no identity, and in the archive ${store.url} the name belongs to ${describeOwner(owner)}`,
    hint: `Check that ${source.directory} is mounted, and that its folder .walq was not removed. If this is another source, give it a different name in the configuration.`,
  });
}

async function hasFiles(disk: Disk, { directory }: Source): Promise<boolean> {
  try {
    for await (const names of disk.list(directory)) if (names.length > 0) return true;
  } catch (error) {
    if (!isMissing(error)) throw sourceFailure(`list ${directory}`, error);
  }
  return false;
}

const notAdmitted = (source: Source, store: ArchiveStore): WalqError =>
  new WalqError('instance-not-admitted', {
    message: `the archive ${store.url} does not admit this PostgreSQL instance under the name '${source.name}': another instance archives there`,
    hint: `If this is a clone or another cluster, give it a different source name or archive. If it is a member of the same replication group, or was restored to take over, admit it: walq adopt ${source.name}.`,
  });

const nameTaken = (source: Source, store: ArchiveStore, owner: ArchiveOwner): WalqError =>
  new WalqError('source-identity-mismatch', {
    message: `the name '${source.name}' is taken: in the archive ${store.url} it belongs to ${describeOwner(owner)}, and ${source.directory} on host ${hostname()} is another source`,
    hint: `Rename [sources.${source.name}] in the configuration of this host, or configure a different archive. If it is the same source, restore its folder .walq.`,
  });

/**
 * As `readArchiveOwner`, for a caller that can read the source: the source records which archives it was archived to,
 * so
 * that the failure can say whether a missing archive directory is new or not mounted.
 */
export async function readOwnerOf(
  disk: Disk,
  source: Source,
  store: ArchiveStore,
): Promise<ArchiveOwner | undefined> {
  return readArchiveOwner(store, source.name).catch(async (error: unknown) => {
    if (!(error instanceof MissingArchive)) throw error;
    throw await explained(disk, source, store, error);
  });
}

async function explained(
  disk: Disk,
  source: Source,
  store: ArchiveStore,
  missing: MissingArchive,
): Promise<MissingArchive> {
  try {
    if (await isKnownArchive(disk, source, store.url)) {
      return new MissingArchive(missing.root, 'was-there');
    }
    // A source without an identity may be new or not mounted, and has no record of its archives.
    if ((await readIdentity(disk, source)) === undefined) return missing;
    return new MissingArchive(missing.root, 'never-there');
  } catch {
    return missing;
  }
}
