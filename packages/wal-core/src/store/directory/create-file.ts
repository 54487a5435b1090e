/** A small file of walq's own within a source's folder: made once, whole and durable, never replaced. */
import { dirname } from 'node:path';
import { createFileDurably } from '../../base/disk/write-file-durably.ts';
import { isExisting, storeFailure } from '../../base/failure/system-error.ts';
import { makeDirectoryOf } from './mounted.ts';
import type { Place } from './place.ts';
import { fsyncFailure } from './store-failures.ts';

/** Durable either way: whoever made the one that `exists` may have died early. */
export async function createFile(
  place: Place,
  source: string,
  path: string,
  contents: string | Uint8Array,
): Promise<'created' | 'exists'> {
  await makeDirectoryOf(place, source, dirname(path)).catch((error: unknown) => {
    throw storeFailure(`make '${dirname(path)}'`, error);
  });
  const created = await createOrFind(place, path, contents);
  if (created === 'exists') await syncFound(place, path);
  await place.durable.settle(dirname(path));
  return created;
}

async function createOrFind(
  place: Place,
  path: string,
  contents: string | Uint8Array,
): Promise<'created' | 'exists'> {
  try {
    await createFileDurably(place.disk, path, contents);
    return 'created';
  } catch (error) {
    if (isExisting(error)) return 'exists';
    throw storeFailure(`create '${path}'`, error);
  }
}

async function syncFound(place: Place, path: string): Promise<void> {
  await place.disk.syncFile(path).catch((error: unknown) => {
    throw fsyncFailure(path, error);
  });
}
