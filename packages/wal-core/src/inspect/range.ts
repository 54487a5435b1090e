import { compareSegments, type SegmentName } from '../segment/index.ts';
import type { OrderedKey } from './in-order.ts';

/** Both bounds are inclusive; a bound that is left out is open. */
export interface SegmentRange {
  readonly from?: SegmentName;
  readonly until?: SegmentName;
}

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
