/** Removes temporary files of crashed writers: those that were not written to for a day. */
import { join } from 'node:path';
import { discard, isTemporaryName, temporaryNameFor } from '../../base/disk/write-file-durably.ts';
import { isMissing, storeFailure } from '../../base/failure/system-error.ts';
import {
  isSourceThere,
  recordsDirectory,
  shardDirectory,
  sourceDirectory,
  stateOf,
  type DirectoryArchive,
} from './directory-archive.ts';
import { namesInIfThere, shardsOf } from './read.ts';

const AGE_NS_MIN = 24n * 60n * 60n * 1_000_000_000n;

export async function sweep(archive: DirectoryArchive, source: string): Promise<number> {
  if (!(await isSourceThere(archive, source))) return 0;
  const oldest = (await nowOfFilesystem(archive, source)) - AGE_NS_MIN;
  let removed = 0;
  for (const directory of await directoriesOf(archive, source)) {
    removed += await sweepDirectory(archive, directory, oldest);
  }
  return removed;
}

/** The clock of the filesystem: that of a file server may differ from this machine's by days. */
async function nowOfFilesystem(archive: DirectoryArchive, source: string): Promise<bigint> {
  const path = temporaryNameFor(join(sourceDirectory(archive, source), 'sweep'));
  try {
    const file = await archive.disk.openNew(path);
    await file.close();
    return (await archive.disk.lstat(path)).mtimeNs;
  } catch (error) {
    throw storeFailure(`read the clock of '${archive.root}'`, error);
  } finally {
    await discard(archive.disk, path);
  }
}

async function directoriesOf(
  archive: DirectoryArchive,
  source: string,
): Promise<readonly string[]> {
  const records = recordsDirectory(archive, source);
  const folders = (await namesInIfThere(archive, records)).filter((name) => !name.includes('.'));
  const shards = await shardsOf(archive, source);
  return [
    archive.root,
    sourceDirectory(archive, source),
    records,
    ...folders.map((folder) => join(records, folder)),
    ...shards.map((shard) => shardDirectory(archive, source, shard)),
  ];
}

async function sweepDirectory(
  archive: DirectoryArchive,
  directory: string,
  oldest: bigint,
): Promise<number> {
  let removed = 0;
  try {
    for await (const names of archive.disk.list(directory)) {
      for (const name of names.filter(isTemporaryName)) {
        if (await removeIfOld(archive, join(directory, name), oldest)) removed += 1;
      }
    }
  } catch (error) {
    if (!isMissing(error)) throw storeFailure(`sweep '${directory}'`, error);
  }
  return removed;
}

async function removeIfOld(
  archive: DirectoryArchive,
  path: string,
  oldest: bigint,
): Promise<boolean> {
  const state = await stateOf(archive, path);
  if (state === undefined || state.kind !== 'file' || state.mtimeNs >= oldest) return false;
  return archive.disk.unlink(path).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}
