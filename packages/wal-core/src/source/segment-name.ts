/** The name of a WAL file, with the number that orders it within its source. */
export interface SegmentName {
  readonly name: string;
  readonly number: bigint;
  /** Of PostgreSQL's WAL files, 8 hexadecimal digits: numbers are consecutive within one timeline only. */
  readonly timeline?: string;
  /** A file that is not a segment, such as a timeline's history: it is archived like one, but fills no gap. */
  readonly isAuxiliary?: true;
}

/** Compares by number. Two names with one number, which a loose pattern allows, compare by name. */
export function compareSegments(a: SegmentName, b: SegmentName): number {
  if (a.number !== b.number) return a.number < b.number ? -1 : 1;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/**
 * How many numbers are missing between two neighbours in order. None are between two names with one number, or
 * between two timelines.
 */
export function missingBetween(after: SegmentName, before: SegmentName): bigint {
  if (after.timeline !== before.timeline) return 0n;
  const missing = before.number - after.number - 1n;
  if (missing < -1n) throw new RangeError(`${before.name} came after ${after.name}: not in order`);
  return missing > 0n ? missing : 0n;
}

/**
 * The number of a segment without its timeline: PostgreSQL's segments with one number hold the same part of the WAL up
 * to where their timelines branch.
 */
export const numberOnTimeline = ({ number, timeline }: SegmentName): bigint =>
  timeline === undefined ? number : BigInt.asUintN(64, number);
