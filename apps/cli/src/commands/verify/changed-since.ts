/** What is wrong with no object, and yet no restore gives: what a file got after it was archived. */
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

const LOOKS_AT_ONCE = 16;

/** Of the segments that are at the source, in their order. */
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
  // The files of another directory say nothing of this archive.
  const isOwn = source.type === 'postgres' || owner?.sourceId === sourceId;
  if (sourceId === undefined || !isOwn) return [];
  const place = { disk: nodeDisk, source: { ...source, naming }, store };
  const look = async (segment: SegmentName) => {
    const object = await objectOf(archived, segment, index);
    return object && changeOf(place, sourceId, segment, object);
  };
  const changed: ChangedFile[] = [];
  const inRange = there.filter((segment) => isWithin(segment, range));
  for await (const found of mapInOrder(inRange, LOOKS_AT_ONCE, look)) {
    if (found !== undefined) changed.push(found);
  }
  return changed;
}

/** Undefined where there is none, or none that can be read: that is the verification's to tell. */
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
