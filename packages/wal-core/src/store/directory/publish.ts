/** Publishes an object: stages it, links it under its key, and makes it and its directories durable. */
import { dirname } from 'node:path';
import type { DiskFile, FileState } from '../../base/disk/disk.ts';
import { temporaryNameFor } from '../../base/disk/write-file-durably.ts';
import { ifPresent, isExisting, storeFailure } from '../../base/failure/system-error.ts';
import { asWalqError, WalqError } from '../../base/failure/walq-error.ts';
import type { ArchiveKey } from '../archive-key.ts';
import type { Published, Staging } from '../store.ts';
import { fsyncFailure, linkFailure, vanished } from './failures.ts';
import {
  isDirectory,
  isOneFile,
  makeDirectoryOf,
  objectPath,
  type DirectoryArchive,
} from './directory-archive.ts';
import { objectState } from './read.ts';

/** The temporary file is in the shard itself: a hard link cannot cross filesystems. */
export async function stage(archive: DirectoryArchive, key: ArchiveKey): Promise<Staging> {
  const path = temporaryNameFor(objectPath(archive, key));
  await makeShard(archive, key.source, dirname(path)).catch((error: unknown) => {
    throw storeFailure(`stage '${path}'`, error);
  });
  return { key, path };
}

async function makeShard(archive: DirectoryArchive, source: string, shard: string): Promise<void> {
  if (!(await isDirectory(archive, shard))) return makeDirectoryOf(archive, source, shard);
  archive.knownSources.set(source, true);
}

/** A file that does not exist is not a failure. */
export async function unlinkIfThere(archive: DirectoryArchive, path: string): Promise<void> {
  await ifPresent(archive.disk.unlink(path), (error) => storeFailure(`remove '${path}'`, error));
}

/**
 * Uses `link`, never `rename`: it fails on a taken name, so nothing is ever replaced (I3), and the name appears with the
 * whole file (I5). A failure after the link leaves a whole object, which the next attempt finds and makes durable.
 *
 * All objects of a shard share the fsync of its directory, and its failure.
 */
export async function publish(
  archive: DirectoryArchive,
  stagings: readonly Staging[],
): Promise<readonly Published[]> {
  const linked: Published[] = [];
  for (const staging of stagings) linked.push(await link(archive, staging));
  const shardOf = (at: number): string => dirname(stagings[at]?.path ?? '');
  const shards = new Set(linked.flatMap((one, at) => (one === 'published' ? [shardOf(at)] : [])));
  const failures = new Map<string, WalqError>();
  for (const shard of shards) {
    const failure = await failureOf(archive.durable.makeDurable(shard));
    if (failure !== undefined) failures.set(shard, failure);
  }
  return linked.map((one, at) => (one === 'published' ? (failures.get(shardOf(at)) ?? one) : one));
}

const failureOf = (work: Promise<void>): Promise<WalqError | undefined> =>
  work.then(() => undefined, asWalqError);

async function link(archive: DirectoryArchive, { key, path }: Staging): Promise<Published> {
  try {
    const isOurs = await linkObject(archive, path, objectPath(archive, key));
    await unlinkIfThere(archive, path);
    return isOurs ? 'published' : 'exists';
  } catch (error) {
    return asWalqError(error);
  }
}

/**
 * True when the object is the staged file. An existing object can be that too: an NFS server may have made the link and
 * lost its answer, or an earlier `publish` failed after the link.
 */
async function linkObject(
  { disk }: DirectoryArchive,
  staged: string,
  path: string,
): Promise<boolean> {
  const isTaken = await disk.link(staged, path).then(
    () => false,
    (error: unknown) => {
      if (isExisting(error)) return true;
      throw linkFailure(path, error);
    },
  );
  if (await isOneFile(disk, staged, path)) return true;
  if (isTaken) return false;
  throw new WalqError('store-unavailable', {
    message: `unable to publish '${path}': another program replaced it at the same time`,
  });
}

/** The process that published the object may have died before its fsync, so this one fsyncs it again (I1). */
export async function makeDurable(archive: DirectoryArchive, key: ArchiveKey): Promise<void> {
  const path = objectPath(archive, key);
  const state = await objectState(archive, key);
  if (state === undefined) throw vanished('the object', path);
  archive.distrusted.assertTrusted(path, state);
  await syncObject(archive, path, state);
  // A failure of the device may have been reported to a concurrent fsync, and not to this one.
  archive.distrusted.assertTrusted(path, state);
  await archive.durable.makeDurable(dirname(path));
}

async function syncObject(
  archive: DirectoryArchive,
  path: string,
  state: FileState,
): Promise<void> {
  try {
    const file = await archive.disk.openRead(path);
    try {
      await syncOpened(archive, file, state, path);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw storeFailure(`make '${path}' durable`, error);
  }
}

async function syncOpened(
  archive: DirectoryArchive,
  file: DiskFile,
  state: FileState,
  path: string,
): Promise<void> {
  await file.sync().catch((error: unknown) => {
    archive.distrusted.add(state);
    throw fsyncFailure(path, error);
  });
}
