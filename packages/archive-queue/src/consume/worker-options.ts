/** What BullMQ is told of a worker: how long jobs are locked and kept, and how long they rest after a failure. */
import type { ConnectionOptions, WorkerOptions } from 'bullmq';
import {
  isWalqError,
  jitteredBackoffMs,
  type Backoff,
  type FailureCode,
} from '@walq/wal-core/internal';
import { MetricsTime } from '../bullmq.ts';
import { workerOptions } from '../connection/redis-options.ts';
import type { RedisPlace } from '../connection/redis-settings.ts';
import { LONGEST_REST_MS } from '../job/archive-job.ts';

const DAY_S = 86_400;
const KEEP_COMPLETED = { age: 3_600, count: 1_000 };
const KEEP_FAILED = { age: 14 * DAY_S, count: 50_000 };
/** Stalls are counted by walq, for each segment, which needs BullMQ to never give up by itself. */
const STALLS_MAX = 1_000_000;
const STALLED_CHECK_MAX_MS = 30_000;

export const bullWorkerOptions = (redis: RedisPlace, lockDurationMs: number): WorkerOptions => ({
  connection: workerOptions(redis) as ConnectionOptions,
  autorun: false,
  lockDuration: lockDurationMs,
  stalledInterval: Math.min(STALLED_CHECK_MAX_MS, lockDurationMs / 2),
  maxStalledCount: STALLS_MAX,
  removeOnComplete: KEEP_COMPLETED,
  removeOnFail: KEEP_FAILED,
  metrics: { maxDataPoints: MetricsTime.ONE_WEEK },
  settings: {
    backoffStrategy: (attempts: number, _type?: string, error?: Error) =>
      retryDelayMs(error, attempts),
  },
});

const usual: Backoff = { firstMs: 1_000, longestMs: 300_000 };
/** For what does not go away within seconds. */
const patient: Backoff = { firstMs: 30_000, longestMs: LONGEST_REST_MS };

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
