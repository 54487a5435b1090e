import { isWalqError, type FailureCode } from '@walq/wal-core';
import { LONGEST_REST_MS } from '../job/index.ts';
import { fullJitter, type JitterBounds } from '../pace/index.ts';

const usual: JitterBounds = { firstMs: 1_000, longestMs: 300_000 };
/** For what does not go away within seconds. */
const patient: JitterBounds = { firstMs: 30_000, longestMs: LONGEST_REST_MS };

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
  return fullJitter(attempts, bounds, random);
}
