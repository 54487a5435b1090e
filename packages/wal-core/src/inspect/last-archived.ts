import type { SegmentNaming } from '../segment/index.ts';
import { keysInOrder, type OrderedKey } from './in-order.ts';
import { readManifest, type ArchiveStore } from '../store/index.ts';

export interface LastArchived {
  readonly segment: string;
  readonly archivedAt: string;
}

/** The highest segment in the archive, and when it came there; null when there is none. */
export async function lastArchived(
  store: ArchiveStore,
  source: string,
  naming: SegmentNaming,
): Promise<LastArchived | null> {
  let last: OrderedKey | undefined;
  for await (const ordered of keysInOrder(store, source, naming)) last = ordered;
  if (last === undefined) return null;
  const manifest = await readManifest(store, last.key);
  return manifest === undefined
    ? null
    : { segment: manifest.segment, archivedAt: manifest.archivedAt };
}
