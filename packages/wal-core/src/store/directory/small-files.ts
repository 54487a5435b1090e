/** Records and dictionaries of a source: created once, whole and durable, and never replaced. */
import { dirname, join } from 'node:path';
import { readSmallBytes } from '../../base/disk/read-small-file.ts';
import { createFileDurably } from '../../base/disk/write-file-durably.ts';
import { ifPresent, isExisting, storeFailure } from '../../base/failure/system-error.ts';
import { kindOfSmallFile, type SmallFiles } from '../small-files.ts';
import { fsyncFailure } from './failures.ts';
import {
  isSourceThere,
  makeDirectoryOf,
  recordsDirectory,
  type DirectoryArchive,
} from './directory-archive.ts';
import { unlinkIfThere } from './publish.ts';
import { namesInIfThere } from './read.ts';

export function directoryFiles(archive: DirectoryArchive): SmallFiles {
  const pathOf = (source: string, name: string): string =>
    join(recordsDirectory(archive, source), name);
  return {
    show: pathOf,
    create: (source, name, bytes) => create(archive, source, pathOf(source, name), bytes),
    read: async (source, name, bytesMax) => {
      const path = pathOf(source, name);
      const bytes = await readSmallBytes(archive.disk, path, bytesMax).catch((error: unknown) => {
        throw storeFailure(`read the ${kindOfSmallFile(name)} '${path}'`, error);
      });
      if (bytes === undefined) await isSourceThere(archive, source);
      return bytes;
    },
    list: async (source, folder) =>
      (await isSourceThere(archive, source)) ? namesInIfThere(archive, pathOf(source, folder)) : [],
    remove: (source, name) => remove(archive, source, pathOf(source, name)),
  };
}

/** Durable either way: the creator of a file that `exists` may have died before its fsync. */
async function create(
  archive: DirectoryArchive,
  source: string,
  path: string,
  bytes: Uint8Array,
): Promise<'created' | 'exists'> {
  await makeDirectoryOf(archive, source, dirname(path)).catch((error: unknown) => {
    throw storeFailure(`create '${dirname(path)}'`, error);
  });
  const created = await createOrFind(archive, path, bytes);
  if (created === 'exists') await syncFound(archive, path);
  await archive.durable.makeDurable(dirname(path));
  return created;
}

async function createOrFind(
  archive: DirectoryArchive,
  path: string,
  bytes: Uint8Array,
): Promise<'created' | 'exists'> {
  try {
    await createFileDurably(archive.disk, path, bytes);
    return 'created';
  } catch (error) {
    if (isExisting(error)) return 'exists';
    throw storeFailure(`create '${path}'`, error);
  }
}

async function syncFound(archive: DirectoryArchive, path: string): Promise<void> {
  await archive.disk.syncFile(path).catch((error: unknown) => {
    throw fsyncFailure(path, error);
  });
}

async function remove(archive: DirectoryArchive, source: string, path: string): Promise<void> {
  await unlinkIfThere(archive, path);
  if (!(await isSourceThere(archive, source))) return;
  await ifPresent(archive.disk.syncDirectory(dirname(path)), (error) =>
    fsyncFailure(dirname(path), error),
  );
}
