/**
 * The paths of an archive in a directory, and what this process has seen of it.
 *
 * The mount point of an archive that is not mounted is an empty directory. walq never removes the directory of a source, so a missing
 * root, or a missing source that existed before, means "not mounted", never "no object".
 */
import { LRUCache } from 'lru-cache';
import type { Disk, FileState } from '../../base/disk/disk.ts';
import { isMissing, storeFailure } from '../../base/failure/system-error.ts';
import {
  fileNameOf,
  RECORDS_FOLDER,
  assertShardName,
  assertSourceName,
  type ArchiveKey,
} from '../archive-key.ts';
import { Distrust, type DistrustMemory } from './shared-directory.ts';
import { DistrustedObjects, DurableDirectories } from './durability.ts';
import { MissingArchive, vanished } from './failures.ts';

const KNOWN_SOURCES_MAX = 4096;

export interface DirectoryArchive {
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

export function newDirectoryArchive(
  root: string,
  disk: Disk,
  memory: DistrustMemory,
): DirectoryArchive {
  const distrust = new Distrust(memory);
  return {
    disk,
    root,
    durable: new DurableDirectories(disk, root, distrust),
    distrusted: new DistrustedObjects(distrust),
    knownSources: new LRUCache({ max: KNOWN_SOURCES_MAX }),
    seen: { root: false },
  };
}

export function sourceDirectory(archive: DirectoryArchive, source: string): string {
  assertSourceName(source);
  return `${archive.root}/${source}`;
}

export function shardDirectory(archive: DirectoryArchive, source: string, shard: string): string {
  assertShardName(shard);
  return `${sourceDirectory(archive, source)}/${shard}`;
}

export const objectPath = (archive: DirectoryArchive, key: ArchiveKey): string =>
  `${shardDirectory(archive, key.source, key.shard)}/${fileNameOf(key)}`;

export const recordsDirectory = (archive: DirectoryArchive, source: string): string =>
  `${sourceDirectory(archive, source)}/${RECORDS_FOLDER}`;

/** False for a source that the archive has never had; throws where the archive is not mounted. */
export async function isSourceThere(archive: DirectoryArchive, source: string): Promise<boolean> {
  const directory = sourceDirectory(archive, source);
  if (await isDirectory(archive, directory)) {
    archive.knownSources.set(source, true);
    archive.seen.root = true;
    return true;
  }
  // Read before the next await: another call may create the directory during it.
  const isKnown = archive.knownSources.has(source);
  await requireRoot(archive);
  if (isKnown) throw vanished('the directory', directory);
  return false;
}

/** @throws MissingArchive */
export async function requireRoot(archive: DirectoryArchive): Promise<void> {
  if (!(await isDirectory(archive, archive.root))) throw missingRoot(archive);
  archive.seen.root = true;
}

export const missingRoot = ({ root, seen }: DirectoryArchive): MissingArchive =>
  new MissingArchive(root, seen.root ? 'was-there' : 'unknown');

/** Creates a directory of a source, unless the archive is not mounted. */
export async function makeDirectoryOf(
  archive: DirectoryArchive,
  source: string,
  directory: string,
): Promise<void> {
  await isSourceThere(archive, source);
  archive.durable.made(await archive.disk.makeDirectory(directory));
  archive.knownSources.set(source, true);
}

/** Follows a symbolic link, by which an administrator may spread an archive over disks. */
export async function isDirectory(archive: DirectoryArchive, path: string): Promise<boolean> {
  return (await stateOf(archive, `${path}/.`))?.kind === 'directory';
}

/** State of a path; undefined when it does not exist. */
export async function stateOf(
  archive: DirectoryArchive,
  path: string,
): Promise<FileState | undefined> {
  try {
    return await archive.disk.lstat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storeFailure(`stat '${path}'`, error);
  }
}

/** Whether two paths are one file. */
export async function isOneFile(disk: Disk, a: string, b: string): Promise<boolean> {
  try {
    const [one, other] = await Promise.all([disk.lstat(a), disk.lstat(b)]);
    return one.device === other.device && one.inode === other.inode;
  } catch (error) {
    throw storeFailure(`stat '${b}'`, error);
  }
}
