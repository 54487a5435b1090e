/** What Redis knows at one moment: queues and roles, or why it cannot be asked. */
import { isWalqError, toFailureRecord, type FailureRecord } from '@walq/wal-core/internal';
import type { RedisState } from '../connection/index.ts';
import type { Observer, QueueView } from './observer.ts';
import type { ProducerRecord, WorkerRecord } from './role-records.ts';

export interface QueueSnapshot {
  /**
   * `ok`: a job can be written. `refusing`: it answers, and none can. `none`: no Redis is configured, and none is
   * needed.
   */
  readonly redis: RedisState | 'none';
  /** Why it cannot be used. */
  readonly failure: FailureRecord | null;
  /** By source. */
  readonly queues: Readonly<Record<string, QueueView>>;
  readonly workers: readonly WorkerRecord[];
  readonly producers: readonly ProducerRecord[];
}

const nothing = { queues: {}, workers: [], producers: [] };

export const withoutRedis: QueueSnapshot = { ...nothing, redis: 'none', failure: null };

/** Rejects only with what is no failure of Redis. */
export async function takeQueueSnapshot(
  observer: Pick<Observer, 'redisState' | 'queueCounts' | 'workers' | 'producers'>,
): Promise<QueueSnapshot> {
  const { state: redis, failure } = await observer.redisState();
  if (redis === 'unreachable') return { ...nothing, redis, failure };
  try {
    const [queues, workers, producers] = await Promise.all([
      observer.queueCounts(),
      observer.workers(),
      observer.producers(),
    ]);
    return { redis, failure, queues, workers, producers };
  } catch (error) {
    if (!isWalqError(error, 'redis-unavailable')) throw error;
    if (redis === 'refusing') return { ...nothing, redis, failure };
    return { ...nothing, redis: 'unreachable', failure: toFailureRecord(error) };
  }
}
