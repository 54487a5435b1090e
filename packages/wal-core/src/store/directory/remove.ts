import { dirname } from 'node:path';
import { errnoOf, isMissing, storeFailure } from '../../base/failure/system-error.ts';
import type { ArchiveKey } from '../archive-key.ts';
import { objectPath, shardDirectory, type Place } from './place.ts';
import { isDirectory } from './mounted.ts';
import { objectState } from './read.ts';

/**
 * Whoever finds the object gone makes that durable too: a twin may have removed it and died early. The
 * shard stays, also when it has become empty.
 */
export async function remove(
  place: Place,
  key: ArchiveKey,
): Promise<'removed' | 'absent' | 'held'> {
  const path = objectPath(place, key);
  const removed =
    (await objectState(place, key)) === undefined ? 'absent' : await unlink(place, path);
  const isThere = removed === 'removed' || (await isShardThere(place, key));
  if (isThere && removed !== 'held') await place.durable.settle(dirname(path));
  return removed;
}

async function unlink(place: Place, path: string): Promise<'removed' | 'absent' | 'held'> {
  try {
    await place.disk.unlink(path);
    return 'removed';
  } catch (error) {
    if (isMissing(error)) return 'absent';
    // An immutable file, or another's in a sticky directory: a directory that may not be written says EACCES.
    if (errnoOf(error) === 'EPERM') return 'held';
    throw storeFailure(`remove '${path}'`, error);
  }
}

const isShardThere = (place: Place, { source, shard }: ArchiveKey): Promise<boolean> =>
  isDirectory(place, shardDirectory(place, source, shard));
