/** Brings a source and its archive together, after making sure that they belong to each other. */
import { hostname } from 'node:os';
import type { Disk } from '../base/disk/disk.ts';
import { isMissing, sourceFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { readCluster, type Cluster } from '../source/postgres/control-file.ts';
import { createFloorsView, type FloorsView } from '../archive/floor-records.ts';
import { createIdentity, readIdentity, makeIdentityDurable } from '../source/identity.ts';
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

/** A source whose identity is read, and whose name in the archive is its own. */
export interface OpenSource {
  /** With what only its directory knows, such as PostgreSQL's segment size. */
  readonly source: Source;
  /** Of a PostgreSQL source. */
  readonly cluster?: Cluster | undefined;
  /** The UUID that the source's directory carries. */
  readonly sourceId: string;
  readonly store: ArchiveStore;
  readonly gate: SealedGate;
  /** What retention has given up is not due any more. */
  readonly retention: FloorsView;
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
  readonly registerIfNew: boolean;
}

export async function openSource(options: OpenSourceOptions): Promise<OpenSource> {
  const { disk, store, registerIfNew } = options;
  const known = await readOwnerOf(disk, options.source, store);
  const isByFiles = options.source.naming.rule.kind === 'by-files';
  const resolved = isByFiles ? undefined : await resolveSource(disk, options.source, known);
  const sourceId = await identify(options, known);
  // The files of another source say nothing of this one.
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
 * A configuration does not say how long PostgreSQL's segments are: the data directory does. Where it has no
 * pattern, the files say which of them are segments.
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

/** An archive belongs to one source; of PostgreSQL also to the instances that were admitted. */
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

/** Writes only what is new: a source must open also while its disk is full. */
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
 * Each of the two relies on the other's record once it is there. What another process began and was killed
 * in may still be lost in a power cut, so it is made durable here, the identity first.
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

/** Only the flush side takes a place for a new archive, and only once: the next time it is not mounted. */
async function claim(
  options: OpenSourceOptions,
  sourceId: string,
  cluster: Cluster | undefined,
): Promise<ArchiveOwner> {
  const { disk, source, store, registerIfNew } = options;
  const isKnown = await isKnownArchive(disk, source, store.url);
  if (registerIfNew && !isKnown) return claimDurably(options, sourceId, cluster);
  if (isKnown) await assertOneName(store, source, sourceId);
  throw new WalqError('store-unavailable', {
    message: `the archive ${store.url} does not know source '${source.name}'`,
    hint: isKnown
      ? 'It did before: check that the archive is mounted.'
      : 'Start walq producer, which registers the source in the archive.',
  });
}

/** The archive is there, and holds this very directory under another name. */
async function assertOneName(store: ArchiveStore, source: Source, sourceId: string): Promise<void> {
  for (const name of await store.listSources()) {
    const owner = await readArchiveOwner(store, name);
    if (owner?.sourceId !== sourceId) continue;
    throw new WalqError('source-identity-mismatch', {
      message: `${source.directory} is archived to ${store.url} as source '${name}' already, not as '${source.name}'`,
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
  // Beside a data directory nothing is shared that could be unmounted: an instance may be new to an old archive.
  const isNew = owner === undefined || source.sealedRule.kind === 'ready';
  if (registerIfNew && isNew) return createIdentity(disk, source);
  if (owner !== undefined) throw await notItsDirectory(disk, source, store, owner);
  throw new WalqError('source-unavailable', {
    message: `source '${source.name}' is not available: ${source.directory} has no identity, and walq producer makes one`,
  });
}

/** An empty directory may be a place where nothing is mounted; one with files in it is another source's. */
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
    hint: `Check that ${source.directory} is mounted, and that its folder .walq was not removed. If it is another source, give it a name of its own in the configuration.`,
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
    hint: `Is this a clone, or another cluster? Then give it a source name or an archive of its own. Is it a member of the same group, or restored to take over? Then admit it: walq adopt ${source.name}.`,
  });

const nameTaken = (source: Source, store: ArchiveStore, owner: ArchiveOwner): WalqError =>
  new WalqError('source-identity-mismatch', {
    message: `the name '${source.name}' is taken: in the archive ${store.url} it belongs to ${describeOwner(owner)}, and ${source.directory} on host ${hostname()} is another source`,
    hint: `Rename [sources.${source.name}] in the configuration of this host, or give it an archive of its own. If it is the same source, put back its folder .walq.`,
  });

/**
 * As `readArchiveOwner`, by who can see the source: that remembers which archives it has been archived to, so that a
 * missing directory is said to be new, or to be not mounted.
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
    // One without an identity may be new, or not be mounted: it remembers nothing.
    if ((await readIdentity(disk, source)) === undefined) return missing;
    return new MissingArchive(missing.root, 'never-there');
  } catch {
    return missing;
  }
}
