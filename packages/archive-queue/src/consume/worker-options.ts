/** The BullMQ options of a worker: how long jobs are locked and kept. */
import type { ConnectionOptions, WorkerOptions } from 'bullmq';
import { MetricsTime } from '../bullmq.ts';
import { workerOptions } from '../connection/redis-options.ts';
import type { RedisLocation } from '../connection/redis-settings.ts';
import { retryDelayMs } from './retry-delay.ts';

const DAY_S = 86_400;
const KEEP_COMPLETED = { age: 3_600, count: 1_000 };
const KEEP_FAILED = { age: 14 * DAY_S, count: 50_000 };
/** walq counts stalls per segment itself, so BullMQ must never fail a job for them. */
const STALLS_MAX = 1_000_000;
const STALLED_CHECK_MAX_MS = 30_000;

export const bullWorkerOptions = (redis: RedisLocation, lockDurationMs: number): WorkerOptions => ({
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
