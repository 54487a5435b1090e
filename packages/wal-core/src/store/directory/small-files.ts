/** Records and dictionaries beside a source's objects: made once, whole and durable, never replaced. */
import { dirname, join } from 'node:path';
import { readSmallBytes } from '../../base/disk/read-small-file.ts';
import { createFileDurably } from '../../base/disk/write-file-durably.ts';
import { ifPresent, isExisting, storeFailure } from '../../base/failure/system-error.ts';
import { kindOfSmallFile, type SmallFiles } from '../small-files.ts';
import { fsyncFailure } from './failures.ts';
import { isSourceThere, makeDirectoryOf, recordsDirectory, type Place } from './place.ts';
import { unlinkIfThere } from './publish.ts';
import { namesInIfThere } from './read.ts';

export function directoryFiles(place: Place): SmallFiles {
  const pathOf = (source: string, name: string): string =>
    join(recordsDirectory(place, source), name);
  return {
    show: pathOf,
    create: (source, name, bytes) => create(place, source, pathOf(source, name), bytes),
    read: async (source, name, bytesMax) => {
      const path = pathOf(source, name);
      const bytes = await readSmallBytes(place.disk, path, bytesMax).catch((error: unknown) => {
        throw storeFailure(`read the ${kindOfSmallFile(name)} '${path}'`, error);
      });
      if (bytes === undefined) await isSourceThere(place, source);
      return bytes;
    },
    list: async (source, folder) =>
      (await isSourceThere(place, source)) ? namesInIfThere(place, pathOf(source, folder)) : [],
    remove: (source, name) => remove(place, source, pathOf(source, name)),
  };
}

/** Durable either way: whoever made the one that `exists` may have died early. */
async function create(
  place: Place,
  source: string,
  path: string,
  bytes: Uint8Array,
): Promise<'created' | 'exists'> {
  await makeDirectoryOf(place, source, dirname(path)).catch((error: unknown) => {
    throw storeFailure(`make '${dirname(path)}'`, error);
  });
  const created = await createOrFind(place, path, bytes);
  if (created === 'exists') await syncFound(place, path);
  await place.durable.settle(dirname(path));
  return created;
}

async function createOrFind(
  place: Place,
  path: string,
  bytes: Uint8Array,
): Promise<'created' | 'exists'> {
  try {
    await createFileDurably(place.disk, path, bytes);
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

async function remove(place: Place, source: string, path: string): Promise<void> {
  await unlinkIfThere(place, path);
  if (!(await isSourceThere(place, source))) return;
  await ifPresent(place.disk.syncDirectory(dirname(path)), (error) =>
    fsyncFailure(dirname(path), error),
  );
}
