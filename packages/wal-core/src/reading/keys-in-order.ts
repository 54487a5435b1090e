/** The objects of a source in segment order. Memory is bounded by one shard. */
import { compareSegments, type SegmentName } from '../source/segment-name.ts';
import type { SegmentNaming } from '../source/naming.ts';
import type { ArchiveKey } from '../store/archive-key.ts';
import type { ArchiveStore } from '../store/store.ts';
import { isBelowFloor, type Floors } from '../archive/floor.ts';

export interface OrderedKey {
  readonly key: ArchiveKey;
  readonly name: SegmentName;
}

/** Names that do not match the naming are left out: walq never wrote them. */
export async function* keysInOrder(
  store: ArchiveStore,
  source: string,
  naming: SegmentNaming,
): AsyncGenerator<OrderedKey> {
  let shard: OrderedKey[] = [];
  for await (const keys of store.list(source)) {
    for (const key of keys) {
      const name = naming.parse(key.segment);
      if (name === undefined) continue;
      if (shard[0] !== undefined && shard[0].key.shard !== key.shard) {
        yield* sorted(shard);
        shard = [];
      }
      shard.push({ key, name });
    }
  }
  yield* sorted(shard);
}

const sorted = (shard: OrderedKey[]): OrderedKey[] =>
  shard.toSorted((a, b) => compareSegments(a.name, b.name));

/** Both bounds are inclusive; an absent bound is open. */
export interface SegmentRange {
  readonly from?: SegmentName;
  readonly until?: SegmentName;
}

export const isWithin = (segment: SegmentName, { from, until }: SegmentRange): boolean =>
  (from === undefined || compareSegments(from, segment) <= 0) &&
  (until === undefined || compareSegments(segment, until) <= 0);

export async function* withinRange(
  keys: AsyncIterable<OrderedKey>,
  range: SegmentRange = {},
): AsyncGenerator<OrderedKey> {
  for await (const key of keys) {
    if (range.from !== undefined && compareSegments(key.name, range.from) < 0) continue;
    if (range.until !== undefined && compareSegments(key.name, range.until) > 0) return;
    yield key;
  }
}

/** Leaves out segments below the prune floor, which are about to be removed. */
export async function* aboveFloors(
  keys: AsyncIterable<OrderedKey>,
  floors: Floors,
): AsyncGenerator<OrderedKey> {
  for await (const key of keys) if (!isBelowFloor(floors, key.name)) yield key;
}
