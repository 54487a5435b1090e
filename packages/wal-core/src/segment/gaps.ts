/** Missing numbers between segments that come in order. */

export interface SegmentGap<T> {
  /** The last segment before the gap. */
  readonly after: T;
  /** The first segment behind it. */
  readonly before: T;
  /** How many numbers are missing between the two. */
  readonly missing: bigint;
}

interface Numbered {
  readonly number: bigint;
}

/** The gap between two neighbours; undefined where none is. Two names of one number have none. */
export function gapBetween<T extends Numbered>(after: T, before: T): SegmentGap<T> | undefined {
  const missing = before.number - after.number - 1n;
  if (missing < -1n) throw new RangeError(`${before.number} came after ${after.number}: not in order`);
  return missing > 0n ? { after, before, missing } : undefined;
}

/** Every gap of segments that come in the order of their numbers; remembers one segment at a time. */
export function* findGaps<T extends Numbered>(segments: Iterable<T>): Generator<SegmentGap<T>> {
  let previous: T | undefined;
  for (const segment of segments) {
    const gap = previous === undefined ? undefined : gapBetween(previous, segment);
    if (gap !== undefined) yield gap;
    previous = segment;
  }
}
