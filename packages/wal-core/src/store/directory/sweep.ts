/** What crashed writers left: temporary names that nobody has written to for a day. */
import { join } from 'node:path';
import { discard, isTemporaryName, temporaryNameFor } from '../../base/disk/write-file-durably.ts';
import { isMissing, storeFailure } from '../../base/failure/system-error.ts';
import {
  isSourceThere,
  recordsDirectory,
  shardDirectory,
  sourceDirectory,
  stateOf,
  type Place,
} from './place.ts';
import { namesInIfThere, shardsOf } from './read.ts';

const AGE_NS_MIN = 24n * 60n * 60n * 1_000_000_000n;

export async function sweep(place: Place, source: string): Promise<number> {
  if (!(await isSourceThere(place, source))) return 0;
  const oldest = (await nowOfFilesystem(place, source)) - AGE_NS_MIN;
  let removed = 0;
  for (const directory of await directoriesOf(place, source)) {
    removed += await sweepDirectory(place, directory, oldest);
  }
  return removed;
}

/** The clock that stamps the files: a file server's may differ from this machine's by days. */
async function nowOfFilesystem(place: Place, source: string): Promise<bigint> {
  const path = temporaryNameFor(join(sourceDirectory(place, source), 'sweep'));
  try {
    const file = await place.disk.openNew(path);
    await file.close();
    return (await place.disk.lstat(path)).mtimeNs;
  } catch (error) {
    throw storeFailure(`read the clock of '${place.root}'`, error);
  } finally {
    await discard(place.disk, path);
  }
}

async function directoriesOf(place: Place, source: string): Promise<readonly string[]> {
  const records = recordsDirectory(place, source);
  const folders = (await namesInIfThere(place, records)).filter((name) => !name.includes('.'));
  const shards = await shardsOf(place, source);
  return [
    place.root,
    sourceDirectory(place, source),
    records,
    ...folders.map((folder) => join(records, folder)),
    ...shards.map((shard) => shardDirectory(place, source, shard)),
  ];
}

async function sweepDirectory(place: Place, directory: string, oldest: bigint): Promise<number> {
  let removed = 0;
  try {
    for await (const names of place.disk.list(directory)) {
      for (const name of names.filter(isTemporaryName)) {
        if (await removeIfOld(place, join(directory, name), oldest)) removed += 1;
      }
    }
  } catch (error) {
    if (!isMissing(error)) throw storeFailure(`sweep '${directory}'`, error);
  }
  return removed;
}

async function removeIfOld(place: Place, path: string, oldest: bigint): Promise<boolean> {
  const state = await stateOf(place, path);
  if (state === undefined || state.kind !== 'file' || state.mtimeNs >= oldest) return false;
  return place.disk.unlink(path).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}
