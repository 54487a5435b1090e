export interface JitterBounds {
  /** The longest first pause, in milliseconds; doubles with every further failure. */
  readonly firstMs: number;
  /** No pause is longer, in milliseconds. */
  readonly longestMs: number;
}

const DOUBLINGS_MAX = 30;

/**
 * Pause before the next attempt: anywhere between nothing and a limit that doubles with each failure
 * up to a cap, so that many who failed together do not come back together. Never below 1 ms.
 *
 * @param failures how often it has failed by now, from 1
 */
export function fullJitter(
  failures: number,
  { firstMs, longestMs }: JitterBounds,
  random: () => number = Math.random,
): number {
  const doublings = Math.min(Math.max(failures, 1) - 1, DOUBLINGS_MAX);
  const limit = Math.min(longestMs, firstMs * 2 ** doublings);
  return Math.max(1, Math.round(random() * limit));
}
