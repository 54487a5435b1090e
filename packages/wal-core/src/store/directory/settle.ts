import { dirname } from 'node:path';
import type { DiskFile, FileState } from '../../base/disk/disk.ts';
import { storeFailure } from '../../base/failure/system-error.ts';
import type { ArchiveKey } from '../archive-key.ts';
import { fsyncFailure, vanished } from './store-failures.ts';
import { objectPath, type Place } from './place.ts';
import { objectState } from './read.ts';

/** Whoever published it may have died before its fsync: this process proves it anew (I1). */
export async function settle(place: Place, key: ArchiveKey): Promise<void> {
  const path = objectPath(place, key);
  const state = await objectState(place, key);
  if (state === undefined) throw vanished('the object', path);
  place.distrusted.refuse(path, state);
  await syncObject(place, path, state);
  // A twin may have been given the failure that this fsync then did not see.
  place.distrusted.refuse(path, state);
  await place.durable.settle(dirname(path));
}

async function syncObject(place: Place, path: string, state: FileState): Promise<void> {
  try {
    const file = await place.disk.openRead(path);
    try {
      await syncOpened(place, file, state, path);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw storeFailure(`settle '${path}'`, error);
  }
}

async function syncOpened(
  place: Place,
  file: DiskFile,
  state: FileState,
  path: string,
): Promise<void> {
  await file.sync().catch((error: unknown) => {
    place.distrusted.add(state);
    throw fsyncFailure(path, error);
  });
}
