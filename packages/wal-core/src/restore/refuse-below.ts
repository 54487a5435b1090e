import type { SegmentRange } from '../inspect/range.ts';
import { WalqError } from '../failure/index.ts';
import { givenUp, isBelowFloor, readFloors, type Floors } from '../retention/index.ts';
import { keyPath, type ArchiveStore } from '../store/index.ts';
import type { OrderedKey } from '../inspect/index.ts';

/** At once, also while the objects are there: they go when the grace period of the floor is over. */
export function refuseBelow(floors: Floors, { from, until }: SegmentRange = {}): void {
  const below = [from, until].find((one) => one && isBelowFloor(floors, one));
  if (below !== undefined) throw givenUp(floors, below);
}

/** A floor may have been raised since the restore began, and its grace period may have been too short. */
export async function whyGone(store: ArchiveStore, { key, name }: OrderedKey): Promise<WalqError> {
  const floors = await readFloors(store, key.source);
  if (isBelowFloor(floors, name)) return givenUp(floors, name);
  return new WalqError('object-missing', { message: `${keyPath(key)} is gone` });
}
