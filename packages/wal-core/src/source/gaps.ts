import type { SegmentName } from './segment-name.ts';

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
export const positionOf = ({ number, timeline }: SegmentName): bigint =>
  timeline === undefined ? number : BigInt.asUintN(64, number);
