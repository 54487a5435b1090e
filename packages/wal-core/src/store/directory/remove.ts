/** The two ways to free a key: its object is removed by retention, or moved aside by repair. */
import { dirname, join } from 'node:path';
import { errnoOf, isExisting, isMissing, storeFailure } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { newAsidePath, type ArchiveKey } from '../archive-key.ts';
import { fsyncFailure, linkFailure } from './failures.ts';
import {
  isDirectory,
  isOneFile,
  makeDirectoryOf,
  objectPath,
  shardDirectory,
  type DirectoryArchive,
} from './directory-archive.ts';
import { unlinkIfThere } from './publish.ts';
import { objectState } from './read.ts';

/**
 * Makes the removal durable also where the object does not exist: a concurrent process may have removed it and died
 * before its fsync. The shard stays, even if it is empty.
 */
export async function remove(
  archive: DirectoryArchive,
  key: ArchiveKey,
): Promise<'removed' | 'absent' | 'held'> {
  const path = objectPath(archive, key);
  const removed =
    (await objectState(archive, key)) === undefined ? 'absent' : await unlink(archive, path);
  const isThere = removed === 'removed' || (await isShardThere(archive, key));
  if (isThere && removed !== 'held') await archive.durable.makeDurable(dirname(path));
  return removed;
}

async function unlink(
  archive: DirectoryArchive,
  path: string,
): Promise<'removed' | 'absent' | 'held'> {
  try {
    await archive.disk.unlink(path);
    return 'removed';
  } catch (error) {
    if (isMissing(error)) return 'absent';
    // An immutable file, or a file of another user in a sticky directory. Without write permission it is EACCES.
    if (errnoOf(error) === 'EPERM') return 'held';
    throw storeFailure(`remove '${path}'`, error);
  }
}

const isShardThere = (archive: DirectoryArchive, { source, shard }: ArchiveKey): Promise<boolean> =>
  isDirectory(archive, shardDirectory(archive, source, shard));

/** A repeat after a crash gives the object under the key a further name, and loses nothing. */
export async function moveAside(
  archive: DirectoryArchive,
  key: ArchiveKey,
): Promise<string | undefined> {
  if ((await objectState(archive, key)) === undefined) return undefined;
  const name = newAsidePath(key);
  const aside = join(archive.root, name);
  await makeDirectoryOf(archive, key.source, dirname(aside)).catch((error: unknown) => {
    throw storeFailure(`create '${dirname(aside)}'`, error);
  });
  if (!(await linkAside(archive, objectPath(archive, key), aside))) return undefined;
  await archive.durable.makeDurable(dirname(aside));
  await freeKey(archive, key, aside);
  return name;
}

/** False when the object was removed at the same time. */
async function linkAside(archive: DirectoryArchive, path: string, aside: string): Promise<boolean> {
  try {
    await archive.disk.link(path, aside);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    if (errnoOf(error) === 'EXDEV') throw otherFilesystem(path, aside, error);
    throw linkFailure(path, error);
  }
}

/**
 * Another process may have moved the object aside already, and a good object may have been published since. So the key
 * is freed by a rename, which loses nothing, and a file that is not the moved object is put back.
 */
async function freeKey(archive: DirectoryArchive, key: ArchiveKey, aside: string): Promise<void> {
  const path = objectPath(archive, key);
  const moved = join(archive.root, newAsidePath(key));
  if (!(await move(archive, path, moved))) return;
  if (!(await isOneFile(archive.disk, aside, moved))) await putBack(archive, moved, path);
  await unlinkIfThere(archive, moved);
  await archive.disk.syncDirectory(dirname(path)).catch((error: unknown) => {
    throw fsyncFailure(dirname(path), error);
  });
}

async function move(archive: DirectoryArchive, path: string, moved: string): Promise<boolean> {
  try {
    await archive.disk.rename(path, moved);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw storeFailure(`move '${path}' aside`, error);
  }
}

async function putBack(archive: DirectoryArchive, moved: string, path: string): Promise<void> {
  await archive.disk.link(moved, path).catch((error: unknown) => {
    throw isExisting(error) ? nameTaken(path, moved) : linkFailure(moved, error);
  });
  await archive.disk.syncDirectory(dirname(path)).catch((error: unknown) => {
    throw fsyncFailure(dirname(path), error);
  });
}

const nameTaken = (path: string, moved: string): WalqError =>
  new WalqError('store-unavailable', {
    message: `unable to put the object '${path}' back: its name was taken; it is kept as '${moved}'`,
  });

const otherFilesystem = (path: string, aside: string, cause: unknown): WalqError =>
  new WalqError('store-unsuitable', {
    message: `unable to move '${path}' aside: '${aside}' is on another filesystem`,
    hint: 'Move the object away by hand. Its segment is then archived again.',
    cause,
  });
