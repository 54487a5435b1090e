import { errnoOf, isMissing, storeFailure } from '../../base/failure/system-error.ts';
import { segmentOfFileName, type ArchiveKey } from '../archive-key.ts';
import { compareShards, isShardName, isSourceName } from '../archive-names.ts';
import type { ShardFilter } from '../store.ts';
import { isDirectory, isSourceThere, requireRoot } from './mounted.ts';
import { shardDirectory, sourceDirectory, type Place } from './place.ts';

/** Names only. Memory grows with the shards, of which one stands for 10,000 segments. */
export async function* list(
  place: Place,
  source: string,
  isWanted: ShardFilter = () => true,
): AsyncGenerator<readonly ArchiveKey[]> {
  if (!(await isSourceThere(place, source))) return;
  for (const shard of (await shardsOf(place, source)).filter(isWanted)) {
    for await (const names of shardNames(place, source, shard)) {
      const keys = names.flatMap((name) => keyOfFile(source, shard, name));
      if (keys.length > 0) yield keys;
    }
  }
}

function keyOfFile(source: string, shard: string, fileName: string): readonly ArchiveKey[] {
  const segment = segmentOfFileName(fileName);
  return segment === undefined ? [] : [{ source, shard, segment }];
}

/** The shards of a source in their order; the source must be there. */
export async function shardsOf(place: Place, source: string): Promise<readonly string[]> {
  const names = await namesIn(place, sourceDirectory(place, source));
  return names.filter(isShardName).toSorted(compareShards);
}

/** A file with a shard's name holds nothing; a shard that is gone is a failure, never less to list. */
async function* shardNames(
  place: Place,
  source: string,
  shard: string,
): AsyncGenerator<readonly string[]> {
  const directory = shardDirectory(place, source, shard);
  try {
    yield* place.disk.list(directory);
  } catch (error) {
    if (errnoOf(error) !== 'ENOTDIR') throw storeFailure(`list '${directory}'`, error);
  }
}

/** Every name in a directory; for directories that do not grow with the archive's segments. */
export async function namesIn(place: Place, directory: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const piece of place.disk.list(directory)) names.push(...piece);
  } catch (error) {
    throw storeFailure(`list '${directory}'`, error);
  }
  return names;
}

/** As `namesIn`, and nothing where there is no such directory. */
export async function namesInIfThere(place: Place, directory: string): Promise<readonly string[]> {
  try {
    return await namesIn(place, directory);
  } catch (error) {
    if (error instanceof Error && isMissing(error.cause)) return [];
    throw error;
  }
}

export async function listSources(place: Place): Promise<readonly string[]> {
  const sources: string[] = [];
  await requireRoot(place);
  for (const name of (await namesIn(place, place.root)).filter(isSourceName)) {
    if (await isDirectory(place, sourceDirectory(place, name))) sources.push(name);
  }
  return sources.toSorted();
}
