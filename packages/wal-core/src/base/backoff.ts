export interface Backoff {
  /** Longest pause after the first failure, in milliseconds. It doubles with each further failure. */
  readonly firstMs: number;
  /** Upper limit of the pause, in milliseconds. */
  readonly longestMs: number;
}

const DOUBLINGS_MAX = 30;

/**
 * Pause before the next attempt, in milliseconds: doubles with each failure up to a cap.
 *
 * @param failures number of failures so far, from 1
 */
export function backoffMs(failures: number, { firstMs, longestMs }: Backoff): number {
  const doublings = Math.min(Math.max(failures, 1) - 1, DOUBLINGS_MAX);
  return Math.min(longestMs, firstMs * 2 ** doublings);
}

/**
 * `backoffMs` with full jitter: a random pause between 1 ms and that limit, so that callers that failed together do
 * not retry together.
 */
export const jitteredBackoffMs = (
  failures: number,
  backoff: Backoff,
  random: () => number = Math.random,
): number => Math.max(1, Math.round(backoffMs(failures, backoff) * random()));
