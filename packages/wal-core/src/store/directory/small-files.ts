/** Records and dictionaries beside a source's objects: made once, whole and durable, never replaced. */
import { dirname, join } from 'node:path';
import { readSmallFile, readSmallBytes } from '../../base/disk/read-small-file.ts';
import { isMissing, storeFailure, isExisting } from '../../base/failure/system-error.ts';
import {
  RECORD_SUFFIX,
  recordOfFileName,
  refuseFolderName,
  refuseRecordName,
  DICTIONARIES_FOLDER,
  dictionaryStore,
} from '../small-files.ts';
import type { RecordStore, DictionaryStore } from '../store.ts';
import { namesInIfThere } from './read.ts';
import { isSourceThere, recordsDirectory, makeDirectoryOf, type Place } from './place.ts';
import { fsyncFailure } from './failures.ts';
import { unlinkStaged } from './publish.ts';
import { createFileDurably } from '../../base/disk/write-file-durably.ts';

export const directoryRecords = (place: Place): RecordStore => ({
  create: async (source, name, text) =>
    createFile(place, source, recordPath(place, source, name), text),
  read: async (source, name) => read(place, recordPath(place, source, name), source),
  list: (source, folder) => list(place, source, folder),
  remove: async (source, name) => remove(place, recordPath(place, source, name), source),
});

function recordPath(place: Place, source: string, name: string): string {
  refuseRecordName(name);
  return join(recordsDirectory(place, source), `${name}${RECORD_SUFFIX}`);
}

async function read(place: Place, path: string, source: string): Promise<string | undefined> {
  const text = await readSmallFile(place.disk, path).catch((error: unknown) => {
    throw storeFailure(`read the record '${path}'`, error);
  });
  if (text === undefined) await isSourceThere(place, source);
  return text;
}

async function list(place: Place, source: string, folder: string): Promise<readonly string[]> {
  refuseFolderName(folder);
  if (!(await isSourceThere(place, source))) return [];
  const names = await namesInIfThere(place, join(recordsDirectory(place, source), folder));
  return names.flatMap((name) => recordOfFileName(name) ?? []).toSorted();
}

async function remove(place: Place, path: string, source: string): Promise<void> {
  await unlinkStaged(place, path);
  if (!(await isSourceThere(place, source))) return;
  await place.disk.syncDirectory(dirname(path)).catch((error: unknown) => {
    if (!isMissing(error)) throw fsyncFailure(dirname(path), error);
  });
}

export function directoryDictionaries(place: Place): DictionaryStore {
  const folderOf = (source: string): string =>
    join(recordsDirectory(place, source), DICTIONARIES_FOLDER);
  const pathOf = (source: string, fileName: string): string => join(folderOf(source), fileName);
  return dictionaryStore({
    show: (source, fileName) => `'${pathOf(source, fileName)}'`,
    create: async (source, fileName, bytes) =>
      createFile(place, source, pathOf(source, fileName), bytes),
    read: async (source, fileName, bytesMax) => {
      const bytes = await readFile(place, pathOf(source, fileName), bytesMax);
      if (bytes === undefined) await isSourceThere(place, source);
      return bytes;
    },
    list: async (source) =>
      (await isSourceThere(place, source)) ? namesInIfThere(place, folderOf(source)) : [],
  });
}

const readFile = ({ disk }: Place, path: string, bytesMax: number): Promise<Buffer | undefined> =>
  readSmallBytes(disk, path, bytesMax).catch((error: unknown) => {
    throw storeFailure(`read the dictionary '${path}'`, error);
  });

/** Durable either way: whoever made the one that `exists` may have died early. */
async function createFile(
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
