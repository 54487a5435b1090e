import type { SegmentName, SegmentNaming } from '../segment/index.ts';
import { GapFinder, type Gap } from './gap-finder.ts';
import { keysInOrder } from './in-order.ts';
import type { ArchiveStore } from '../store/index.ts';

/**
 * The gaps of a source by the names in the archive alone, which reads no object. `atSource`, in order,
 * fills the places of what is still to be archived.
 */
export async function findArchiveGaps(
  store: ArchiveStore,
  source: string,
  naming: SegmentNaming,
  atSource: readonly SegmentName[],
): Promise<readonly Gap[]> {
  const gaps = new GapFinder(source, atSource);
  for await (const { name } of keysInOrder(store, source, naming)) gaps.next(name);
  return gaps.finish();
}
