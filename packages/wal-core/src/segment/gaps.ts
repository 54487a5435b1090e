import type { SegmentName } from './segment-name.ts';

/** How many numbers are missing between two neighbours in order; two names of one number miss none. */
export function missingBetween(after: SegmentName, before: SegmentName): bigint {
  const missing = before.number - after.number - 1n;
  if (missing < -1n) throw new RangeError(`${before.name} came after ${after.name}: not in order`);
  return missing > 0n ? missing : 0n;
}
