/** Small records beside a source's objects: `<source>/_walq/<name>.json`, created once, never changed. */
import { dirname, join } from 'node:path';
import { readSmallFile } from '../../base/disk/read-small-file.ts';
import { isMissing, storeFailure } from '../../base/failure/system-error.ts';
import {
  RECORD_SUFFIX,
  recordOfFileName,
  refuseFolderName,
  refuseRecordName,
} from '../record-name.ts';
import type { RecordStore } from '../store.ts';
import { createFile } from './create-file.ts';
import { namesInIfThere } from './list.ts';
import { isSourceThere } from './mounted.ts';
import { recordsDirectory, type Place } from './place.ts';
import { fsyncFailure } from './store-failures.ts';
import { unlinkStaged } from './stage.ts';

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
