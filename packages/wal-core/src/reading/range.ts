import { isBelowFloor, type Floors } from '../archive/floor.ts';
import { compareSegments, type SegmentName } from '../source/segment-name.ts';
import type { OrderedKey } from './in-order.ts';

/** Both bounds are inclusive; a bound that is left out is open. */
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

/** What retention has given up is about to be removed, and nobody will bring it back. */
export async function* aboveFloors(
  keys: AsyncIterable<OrderedKey>,
  floors: Floors,
): AsyncGenerator<OrderedKey> {
  for await (const key of keys) if (!isBelowFloor(floors, key.name)) yield key;
}
