/** Finds source files that were written after they were archived: the object is sound, but a restore lacks the rest. */
import {
  archiveKeyOf,
  changeOf,
  isWalqError,
  isWithin,
  mapInOrder,
  nodeDisk,
  readArchiveOwner,
  readIdentity,
  readManifest,
  toArchivedSegment,
  type ArchivedSegment,
  type ChangedFile,
  type ManifestIndex,
  type SegmentName,
  type SegmentRange,
} from '@walq/wal-core/internal';
import type { ArchivedSource } from '../../sources/archived-sources.ts';

const PROBES_AT_ONCE = 16;

/** Checks the segments that are still at the source, in order. */
export async function changedSince(
  archived: ArchivedSource,
  there: readonly SegmentName[],
  range: SegmentRange,
  index: ManifestIndex,
): Promise<ChangedFile[]> {
  const { source, store, naming } = archived;
  if (source === undefined || there.length === 0) return [];
  const sourceId = await readIdentity(nodeDisk, source).catch((error: unknown) => {
    if (!isWalqError(error)) throw error;
  });
  const owner = await readArchiveOwner(store, source.name);
  // Files of another directory prove nothing about this archive.
  const isOwn = source.type === 'postgres' || owner?.sourceId === sourceId;
  if (sourceId === undefined || !isOwn) return [];
  const place = { disk: nodeDisk, source: { ...source, naming }, store };
  const probe = async (segment: SegmentName) => {
    const object = await objectOf(archived, segment, index);
    return object && changeOf(place, sourceId, segment, object);
  };
  const changed: ChangedFile[] = [];
  const inRange = there.filter((segment) => isWithin(segment, range));
  for await (const found of mapInOrder(inRange, PROBES_AT_ONCE, probe)) {
    if (found !== undefined) changed.push(found);
  }
  return changed;
}

/** Undefined if there is no readable object: the verification itself reports that. */
async function objectOf(
  { store, name }: ArchivedSource,
  segment: SegmentName,
  index: ManifestIndex,
): Promise<ArchivedSegment | undefined> {
  try {
    const key = archiveKeyOf(name, segment);
    const stat = await store.stat(key);
    if (stat === undefined) return undefined;
    const known = index.get(key, stat);
    if (known !== undefined) return known;
    const manifest = await readManifest(store, key);
    return manifest && toArchivedSegment(key, manifest, stat.sizeBytes);
  } catch (error) {
    if (!isWalqError(error) || error.class === 'retryable') throw error;
    return undefined;
  }
}
