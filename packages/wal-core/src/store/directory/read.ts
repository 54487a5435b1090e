/** Reads and lists objects. Only a regular file is an object: a link or a directory under a key is refused. */
import type { DiskFile, FileState } from '../../base/disk/disk.ts';
import { errnoOf, isMissing, storeFailure } from '../../base/failure/system-error.ts';
import { isWalqError, WalqError } from '../../base/failure/walq-error.ts';
import {
  compareShards,
  isShardName,
  isSourceName,
  segmentOfFileName,
  type ArchiveKey,
} from '../archive-key.ts';
import type { LocalObject, ObjectStat, ShardFilter } from '../store.ts';
import {
  isDirectory,
  isSourceThere,
  objectPath,
  requireRoot,
  shardDirectory,
  sourceDirectory,
  stateOf,
  type DirectoryArchive,
} from './directory-archive.ts';

/** State of an object; undefined when there is none. */
export async function objectState(
  archive: DirectoryArchive,
  key: ArchiveKey,
): Promise<FileState | undefined> {
  const path = objectPath(archive, key);
  const state = await stateOf(archive, path);
  if (state === undefined) {
    await isSourceThere(archive, key.source);
    return undefined;
  }
  archive.knownSources.set(key.source, true);
  assertRegularFile(path, state);
  return state;
}

function assertRegularFile(path: string, { kind }: FileState): void {
  if (kind === 'file') return;
  throw new WalqError('object-foreign', { message: `'${path}' is a ${kind}, not an object` });
}

export async function stat(
  archive: DirectoryArchive,
  key: ArchiveKey,
): Promise<ObjectStat | undefined> {
  const state = await objectState(archive, key);
  if (state === undefined) return undefined;
  return { sizeBytes: Number(state.size), identity: `${state.inode}:${state.mtimeNs}` };
}

/** The object's own file: it is local, and never replaced. */
export async function fetch(
  archive: DirectoryArchive,
  key: ArchiveKey,
): Promise<LocalObject | undefined> {
  const state = await objectState(archive, key);
  if (state === undefined) return undefined;
  return { path: objectPath(archive, key), release: async () => {} };
}

/** Opens the file first: the object mostly exists, and then no other call is needed. */
export async function readTail(
  archive: DirectoryArchive,
  key: ArchiveKey,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const path = objectPath(archive, key);
  try {
    const opened = await archive.disk.openRead(path);
    const tail = await withFile(opened, (file) => lastBytes(file, path, bytesMax));
    archive.knownSources.set(key.source, true);
    return tail;
  } catch (error) {
    if (isWalqError(error)) throw error;
    if ((await objectState(archive, key)) === undefined) return undefined;
    // The object was published, or the archive mounted, after the open failed.
    if (isMissing(error)) return readTail(archive, key, bytesMax);
    throw storeFailure(`read '${path}'`, error);
  }
}

async function withFile<T>(file: DiskFile, use: (file: DiskFile) => Promise<T>): Promise<T> {
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function lastBytes(file: DiskFile, path: string, bytesMax: number): Promise<Uint8Array> {
  const state = await file.stat();
  assertRegularFile(path, state);
  const size = Number(state.size);
  const tail = Buffer.alloc(Math.min(size, bytesMax));
  for (let done = 0; done < tail.length;) {
    const bytes = await file.read(tail.subarray(done), size - tail.length + done);
    if (bytes === 0) return tail.subarray(0, done);
    done += bytes;
  }
  return tail;
}

/** Reads names only. Memory grows with the number of shards; each has up to 10,000 segments. */
export async function* list(
  archive: DirectoryArchive,
  source: string,
  includesShard: ShardFilter = () => true,
): AsyncGenerator<readonly ArchiveKey[]> {
  if (!(await isSourceThere(archive, source))) return;
  for (const shard of (await shardsOf(archive, source)).filter(includesShard)) {
    for await (const names of shardNames(archive, source, shard)) {
      const keys = names.flatMap((name) => keyOfFile(source, shard, name));
      if (keys.length > 0) yield keys;
    }
  }
}

function keyOfFile(source: string, shard: string, fileName: string): readonly ArchiveKey[] {
  const segment = segmentOfFileName(fileName);
  return segment === undefined ? [] : [{ source, shard, segment }];
}

/** The shards of a source, in order; the source must exist. */
export async function shardsOf(
  archive: DirectoryArchive,
  source: string,
): Promise<readonly string[]> {
  const names = await namesIn(archive, sourceDirectory(archive, source));
  return names.filter(isShardName).toSorted(compareShards);
}

/** A file with a shard's name has no objects. A shard that disappeared is a failure, not an empty one. */
async function* shardNames(
  archive: DirectoryArchive,
  source: string,
  shard: string,
): AsyncGenerator<readonly string[]> {
  const directory = shardDirectory(archive, source, shard);
  try {
    yield* archive.disk.list(directory);
  } catch (error) {
    if (errnoOf(error) !== 'ENOTDIR') throw storeFailure(`list '${directory}'`, error);
  }
}

/** All names in a directory; for directories that do not grow with the number of segments. */
async function namesIn(archive: DirectoryArchive, directory: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const piece of archive.disk.list(directory)) names.push(...piece);
  } catch (error) {
    throw storeFailure(`list '${directory}'`, error);
  }
  return names;
}

/** `namesIn`; empty where the directory does not exist. */
export async function namesInIfThere(
  archive: DirectoryArchive,
  directory: string,
): Promise<readonly string[]> {
  try {
    return await namesIn(archive, directory);
  } catch (error) {
    if (error instanceof Error && isMissing(error.cause)) return [];
    throw error;
  }
}

export async function listSources(archive: DirectoryArchive): Promise<readonly string[]> {
  const sources: string[] = [];
  await requireRoot(archive);
  for (const name of (await namesIn(archive, archive.root)).filter(isSourceName)) {
    if (await isDirectory(archive, sourceDirectory(archive, name))) sources.push(name);
  }
  return sources.toSorted();
}
