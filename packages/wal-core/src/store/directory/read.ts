/** Looking at objects. Only a regular file is one: a link or a directory under a key is refused. */
import type { DiskFile, FileState } from '../../base/disk/disk.ts';
import { isMissing, storeFailure } from '../../base/failure/system-error.ts';
import { isWalqError, WalqError } from '../../base/failure/walq-error.ts';
import type { ArchiveKey } from '../archive-key.ts';
import type { LocalObject, ObjectStat } from '../store.ts';
import { isSourceThere, stateOf } from './mounted.ts';
import { objectPath, type Place } from './place.ts';

/** State of an object, undefined when there is none. */
export async function objectState(place: Place, key: ArchiveKey): Promise<FileState | undefined> {
  const path = objectPath(place, key);
  const state = await stateOf(place, path);
  if (state === undefined) {
    await isSourceThere(place, key.source);
    return undefined;
  }
  place.knownSources.add(key.source);
  refuseForeign(path, state);
  return state;
}

function refuseForeign(path: string, { kind }: FileState): void {
  if (kind === 'file') return;
  throw new WalqError('object-foreign', { message: `'${path}' is a ${kind}, not an object` });
}

export async function stat(place: Place, key: ArchiveKey): Promise<ObjectStat | undefined> {
  const state = await objectState(place, key);
  if (state === undefined) return undefined;
  return { sizeBytes: Number(state.size), identity: `${state.inode}:${state.mtimeNs}` };
}

/** The object itself: it is a local file already, and nothing ever replaces it. */
export async function fetch(place: Place, key: ArchiveKey): Promise<LocalObject | undefined> {
  const state = await objectState(place, key);
  if (state === undefined) return undefined;
  return { path: objectPath(place, key), release: async () => {} };
}

/** Opening comes first: where there is an object, as there mostly is, nothing else has to be asked. */
export async function readTail(
  place: Place,
  key: ArchiveKey,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const path = objectPath(place, key);
  try {
    const opened = await place.disk.openRead(path);
    const tail = await withFile(opened, (file) => lastBytes(file, path, bytesMax));
    place.knownSources.add(key.source);
    return tail;
  } catch (error) {
    if (isWalqError(error)) throw error;
    if ((await objectState(place, key)) === undefined) return undefined;
    // It came, or its archive was mounted, since it was to be opened.
    if (isMissing(error)) return readTail(place, key, bytesMax);
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
  refuseForeign(path, state);
  const size = Number(state.size);
  const tail = Buffer.alloc(Math.min(size, bytesMax));
  for (let done = 0; done < tail.length;) {
    const bytes = await file.read(tail.subarray(done), size - tail.length + done);
    if (bytes === 0) return tail.subarray(0, done);
    done += bytes;
  }
  return tail;
}
