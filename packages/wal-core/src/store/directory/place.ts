/**
 * Where a directory store's things are, and what its process remembers of them.
 *
 * An archive that is not mounted looks like an empty one. What walq has seen it never removes, so a root that is not
 * there, or a source that was there before, means "not mounted", never "no object".
 */
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Disk, FileState } from '../../base/disk/disk.ts';
import { ifPresent, storeFailure } from '../../base/failure/system-error.ts';
import {
  fileNameOf,
  RECORDS_FOLDER,
  assertShardName,
  assertSourceName,
  type ArchiveKey,
} from '../archive-key.ts';
import { DistrustedObjects, DurableDirectories } from './durability.ts';
import { MissingArchive, vanished } from './failures.ts';

const KNOWN_SOURCES_MAX = 4096;

export interface Place {
  readonly disk: Disk;
  /** Absolute path of the archive. */
  readonly root: string;
  readonly durable: DurableDirectories;
  readonly distrusted: DistrustedObjects;
  /** Sources whose directory this process has seen. */
  readonly knownSources: LRUCache<string, true>;
  /** Whether this process has seen the archive's own directory. */
  readonly seen: { root: boolean };
}

export const placeAt = (root: string, disk: Disk): Place => ({
  disk,
  root,
  durable: new DurableDirectories(disk, root),
  distrusted: new DistrustedObjects(),
  knownSources: new LRUCache({ max: KNOWN_SOURCES_MAX }),
  seen: { root: false },
});

export function sourceDirectory(place: Place, source: string): string {
  assertSourceName(source);
  return join(place.root, source);
}

export function shardDirectory(place: Place, source: string, shard: string): string {
  assertShardName(shard);
  return join(sourceDirectory(place, source), shard);
}

export const objectPath = (place: Place, key: ArchiveKey): string =>
  join(shardDirectory(place, key.source, key.shard), fileNameOf(key));

export const recordsDirectory = (place: Place, source: string): string =>
  join(sourceDirectory(place, source), RECORDS_FOLDER);

/** False for a source that the archive has never held; throws where the archive is not mounted. */
export async function isSourceThere(place: Place, source: string): Promise<boolean> {
  const directory = sourceDirectory(place, source);
  if (await isDirectory(place, directory)) {
    place.knownSources.set(source, true);
    place.seen.root = true;
    return true;
  }
  // Asked before anything else is awaited: another call may make the directory meanwhile.
  const isKnown = place.knownSources.has(source);
  await requireRoot(place);
  if (isKnown) throw vanished('the directory', directory);
  return false;
}

/** @throws MissingArchive */
export async function requireRoot(place: Place): Promise<void> {
  if (!(await isDirectory(place, place.root))) throw missingRoot(place);
  place.seen.root = true;
}

export const missingRoot = ({ root, seen }: Place): MissingArchive =>
  new MissingArchive(root, seen.root ? 'was-there' : 'unknown');

/** Makes a directory of a source, unless the archive is not mounted. */
export async function makeDirectoryOf(
  place: Place,
  source: string,
  directory: string,
): Promise<void> {
  await isSourceThere(place, source);
  place.durable.made(await place.disk.makeDirectory(directory));
  place.knownSources.set(source, true);
}

/** Also through a symbolic link, by which an administrator may spread an archive over disks. */
export async function isDirectory(place: Place, path: string): Promise<boolean> {
  return (await stateOf(place, `${path}/.`))?.kind === 'directory';
}

/** State of a name, undefined when it is not there. */
export async function stateOf(place: Place, path: string): Promise<FileState | undefined> {
  return ifPresent(place.disk.lstat(path), (error) => storeFailure(`stat '${path}'`, error));
}

/** Whether two names are one file. `what` completes "unable to …". */
export async function isOneFile(
  disk: Disk,
  a: string,
  b: string,
  what = `stat '${b}'`,
): Promise<boolean> {
  try {
    const [one, other] = await Promise.all([disk.lstat(a), disk.lstat(b)]);
    return one.device === other.device && one.inode === other.inode;
  } catch (error) {
    throw storeFailure(what, error);
  }
}
