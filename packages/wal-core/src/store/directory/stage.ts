import { discard, temporaryNameFor } from '../../base/disk/write-file-durably.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { isMissing, storeFailure } from '../../base/failure/system-error.ts';
import type { ArchiveKey } from '../archive-key.ts';
import type { Staging } from '../store.ts';
import { makeDirectoryOf } from './mounted.ts';
import { objectPath, shardDirectory, type Place } from './place.ts';

/** The temporary file stands in the shard itself: a link cannot leave its filesystem. */
export async function stage(place: Place, key: ArchiveKey): Promise<Staging> {
  const path = temporaryNameFor(objectPath(place, key));
  await makeEmptyFile(place, key, path).catch((error: unknown) => {
    throw storeFailure(`stage '${path}'`, error);
  });
  return { key, path };
}

/** Tries first: but for its first segment the shard is there. */
async function makeEmptyFile(place: Place, key: ArchiveKey, path: string): Promise<void> {
  try {
    await openAndClose(place.disk, path);
    place.knownSources.add(key.source);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await makeDirectoryOf(place, key.source, shardDirectory(place, key.source, key.shard));
    await openAndClose(place.disk, path);
  }
}

async function openAndClose(disk: Disk, path: string): Promise<void> {
  const file = await disk.openNew(path);
  await file.close().catch(async (error: unknown) => {
    await discard(disk, path);
    throw error;
  });
}

/** Removes a staged file; one that is gone already is what was wanted. */
export async function unlinkStaged(place: Place, path: string): Promise<void> {
  await place.disk.unlink(path).catch((error: unknown) => {
    if (!isMissing(error)) throw storeFailure(`remove '${path}'`, error);
  });
}
