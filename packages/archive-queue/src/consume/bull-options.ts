/** What BullMQ is told of a worker. */
import type { ConnectionOptions, WorkerOptions } from 'bullmq';
import { MetricsTime } from '../bullmq/index.ts';
import { workerOptions, type RedisPlace } from '../connection/index.ts';
import type { QueueTelemetry } from '../telemetry/index.ts';
import { retryDelayMs } from './backoff.ts';

export interface BullWorker {
  readonly redis: RedisPlace;
  readonly name: string;
  readonly concurrency: number;
  readonly lockDurationMs: number;
  readonly telemetry: QueueTelemetry | undefined;
}

const DAY_S = 86_400;
const KEEP_COMPLETED = { age: 3_600, count: 1_000 };
const KEEP_FAILED = { age: 14 * DAY_S, count: 50_000 };
/** Stalls are counted by walq, for each segment, which needs BullMQ to never give up by itself. */
const STALLS_MAX = 1_000_000;
const STALLED_CHECK_MAX_MS = 30_000;

export function bullOptions(worker: BullWorker): WorkerOptions {
  const { redis, name, concurrency, lockDurationMs, telemetry } = worker;
  return {
    connection: workerOptions(redis) as ConnectionOptions,
    name,
    concurrency,
    autorun: false,
    ...(telemetry === undefined ? {} : { telemetry: telemetry.bull }),
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
  };
}
