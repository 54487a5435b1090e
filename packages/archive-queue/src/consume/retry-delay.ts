/** How long a job is delayed after a failure. While the archive itself fails, store-breaker.ts decides. */
import {
  isWalqError,
  jitteredBackoffMs,
  type Backoff,
  type FailureCode,
} from '@walq/wal-core/internal';
import { LONGEST_DELAY_MS } from '../job/archive-job.ts';

const usual: Backoff = { firstMs: 1_000, longestMs: 300_000 };
/** For failures that do not pass within seconds. */
const patient: Backoff = { firstMs: 30_000, longestMs: LONGEST_DELAY_MS };

const patientCodes: readonly FailureCode[] = [
  'store-full',
  'store-read-only',
  'source-reset',
  'source-identity-mismatch',
  'watermark-malformed',
  'archive-format-unknown',
  'store-unsuitable',
];

/**
 * The delay before the next attempt, in milliseconds: capped, with full jitter, without a last attempt.
 *
 * @param attempts how many times the job has failed, from 1
 */
export function retryDelayMs(error: unknown, attempts: number, random?: () => number): number {
  const bounds = isWalqError(error, ...patientCodes) ? patient : usual;
  return jitteredBackoffMs(attempts, bounds, random);
}
