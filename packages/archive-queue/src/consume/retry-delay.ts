/** How long a job rests after a failure. What rests while the archive itself fails is in store-breaker.ts. */
import {
  isWalqError,
  jitteredBackoffMs,
  type Backoff,
  type FailureCode,
} from '@walq/wal-core/internal';
import { LONGEST_DELAY_MS } from '../job/archive-job.ts';

const usual: Backoff = { firstMs: 1_000, longestMs: 300_000 };
/** For what does not go away within seconds. */
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
 * How long a job rests after a failure, in milliseconds: capped, with full jitter, for ever.
 *
 * @param attempts how often the job has failed by now, from 1
 */
export function retryDelayMs(error: unknown, attempts: number, random?: () => number): number {
  const bounds = isWalqError(error, ...patientCodes) ? patient : usual;
  return jitteredBackoffMs(attempts, bounds, random);
}
