import { isWalqError, type WalqError } from '../base/failure/walq-error.ts';
import type { SegmentName } from '../source/segment-name.ts';
import type { SegmentNaming } from '../source/naming.ts';
import { toArchivedSegment, type ArchivedSegment, type ManifestIndex } from './manifest-index.ts';
import { mapInOrder } from './map-in-order.ts';
import { keysInOrder, withinRange, type OrderedKey, type SegmentRange } from './keys-in-order.ts';
import { matchesKey, readManifest } from '../store/stored-object.ts';
import type { ArchiveKey } from '../store/archive-key.ts';
import type { ArchiveStore } from '../store/store.ts';

/** How many manifests are read at the same time. */
const READS_MAX = 16;

export interface ListOptions {
  readonly store: ArchiveStore;
  readonly source: string;
  readonly naming: SegmentNaming;
  readonly range?: SegmentRange;
  /** Called for an object whose manifest cannot be read. Without it such an object ends the listing. */
  readonly onUnreadable?: (key: ArchiveKey, failure: WalqError) => void;
  /** Cache of manifests that were read before. */
  readonly index?: ManifestIndex;
}

/** Lists the archived segments of one source, in order. */
export async function* listArchive(options: ListOptions): AsyncGenerator<ArchivedSegment> {
  const keys = withinRange(
    keysInOrder(options.store, options.source, options.naming),
    options.range,
  );
  for await (const archived of mapInOrder(keys, READS_MAX, (key) => describe(options, key))) {
    if (archived !== undefined) yield archived;
  }
}

/** Describes one segment; undefined when it is not in the archive. */
export function showSegment(
  options: ListOptions,
  name: SegmentName,
  key: ArchiveKey,
): Promise<ArchivedSegment | undefined> {
  return describe(options, { name, key });
}

async function describe(
  { store, index, onUnreadable }: ListOptions,
  { key }: OrderedKey,
): Promise<ArchivedSegment | undefined> {
  const stat = await store.stat(key);
  if (stat === undefined) return undefined;
  const known = index?.get(key, stat);
  if (known !== undefined) return known;
  const manifest = await readManifest(store, key).catch((error: unknown) => {
    if (onUnreadable === undefined || !isWalqError(error)) throw error;
    onUnreadable(key, error);
  });
  if (manifest === undefined) return undefined;
  const archived = toArchivedSegment(key, manifest, stat.sizeBytes);
  // An object that names another segment is not cached, so that verifying finds it.
  if (matchesKey(manifest, key)) index?.add(archived, stat);
  return archived;
}
