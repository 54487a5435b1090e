/** What Redis knows at one moment: queues and roles, or why it cannot be asked. */
import { isWalqError, toFailureRecord, type FailureRecord } from '@walq/wal-core';
import type { Observer, QueueView } from './observer.ts';
import type { ProducerRecord, WorkerRecord } from './role-records.ts';

export interface QueueSnapshot {
  /** `none`: no Redis is configured, and none is needed. */
  readonly redis: 'ok' | 'unreachable' | 'none';
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
  observer: Pick<Observer, 'queueCounts' | 'workers' | 'producers'>,
): Promise<QueueSnapshot> {
  try {
    const [queues, workers, producers] = await Promise.all([
      observer.queueCounts(),
      observer.workers(),
      observer.producers(),
    ]);
    return { redis: 'ok', failure: null, queues, workers, producers };
  } catch (error) {
    if (!isWalqError(error, 'redis-unavailable', 'redis-evicts')) throw error;
    return { ...nothing, redis: 'unreachable', failure: toFailureRecord(error) };
  }
}
