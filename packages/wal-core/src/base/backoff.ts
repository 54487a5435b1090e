export interface Backoff {
  /** The longest first pause, in milliseconds; doubles with every further failure. */
  readonly firstMs: number;
  /** No pause is longer, in milliseconds. */
  readonly longestMs: number;
}

const DOUBLINGS_MAX = 30;

/**
 * Pause before the next attempt, in milliseconds: doubles with each failure up to a cap.
 *
 * @param failures how often it has failed by now, from 1
 */
export function backoffMs(failures: number, { firstMs, longestMs }: Backoff): number {
  const doublings = Math.min(Math.max(failures, 1) - 1, DOUBLINGS_MAX);
  return Math.min(longestMs, firstMs * 2 ** doublings);
}

/**
 * As `backoffMs`, with full jitter: anywhere between nothing and that limit, so that many who failed together do
 * not come back together. Never below 1 ms.
 */
export const jitteredBackoffMs = (
  failures: number,
  backoff: Backoff,
  random: () => number = Math.random,
): number => Math.max(1, Math.round(backoffMs(failures, backoff) * random()));
