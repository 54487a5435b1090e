/** One WAL file by name, with the number that orders it within its source. */
export interface SegmentName {
  readonly name: string;
  readonly number: bigint;
  /** Of PostgreSQL's WAL files, 8 hexadecimal digits: numbers are consecutive within one timeline only. */
  readonly timeline?: string;
  /** A file beside the segments, such as a timeline's history: archived as they are, it fills no gap. */
  readonly isAuxiliary?: true;
}

/** By number; two names of one number, which a loose pattern allows, by name. */
export function compareSegments(a: SegmentName, b: SegmentName): number {
  if (a.number !== b.number) return a.number < b.number ? -1 : 1;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/**
 * How many numbers are missing between two neighbours in order; two names of one number miss none, and
 * two timelines are counted each for itself.
 */
export function missingBetween(after: SegmentName, before: SegmentName): bigint {
  if (after.timeline !== before.timeline) return 0n;
  const missing = before.number - after.number - 1n;
  if (missing < -1n) throw new RangeError(`${before.name} came after ${after.name}: not in order`);
  return missing > 0n ? missing : 0n;
}

/**
 * Where a segment stands, whatever timeline it is on: PostgreSQL's segments of one number hold the same stretch
 * of WAL up to where their timelines branch.
 */
export const numberOnTimeline = ({ number, timeline }: SegmentName): bigint =>
  timeline === undefined ? number : BigInt.asUintN(64, number);
