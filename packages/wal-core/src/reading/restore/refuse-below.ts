import type { SegmentRange } from '../range.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { givenUp, isBelowFloor, type Floors } from '../../archive/floor.ts';
import { readFloors } from '../../archive/floor-records.ts';
import { keyPath } from '../../store/archive-key.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { OrderedKey } from '../in-order.ts';

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
