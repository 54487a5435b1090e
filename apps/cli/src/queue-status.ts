/** The queues and workers that Redis knows of, for `walq status`. */
import {
  createObserver,
  queueNameOf,
  type Observer,
  type QueueCounts,
  type WorkerRecord,
} from '@walq/archive-queue';
import { isWalqError, WalqError, type ConfigWith, type RedisConfig } from '@walq/wal-core';
import { findRunningRedis, privateRedisDirectory } from './private-redis/index.ts';
import { quietLogger } from './quiet-logger.ts';
import { whereOf } from './require.ts';

export interface QueueStatus {
  readonly redis: 'ok' | 'unreachable';
  readonly queues: Readonly<Record<string, QueueCounts>>;
  readonly workers: readonly Pick<WorkerRecord, 'id' | 'host' | 'concurrency' | 'active'>[];
}

const unreachable: QueueStatus = { redis: 'unreachable', queues: {}, workers: [] };

export async function queueStatus(config: ConfigWith<'redis'>): Promise<QueueStatus> {
  const redis = await redisOf(config);
  if (redis === undefined) return unreachable;
  const observer = createObserver({
    redis,
    logger: quietLogger(),
    sources: config.sources.map(({ name }) => name),
    queueName: config.queue.name,
  });
  try {
    return await ask(observer, config);
  } catch (error) {
    if (isWalqError(error, 'redis-unavailable')) return unreachable;
    throw error;
  } finally {
    observer.close();
  }
}

/** The configured server, or the one that a `walq up` of this configuration runs. */
export const redisOf = async (config: ConfigWith<'redis'>): Promise<RedisConfig | undefined> =>
  config.redis ?? findRunningRedis(privateRedisDirectory(config));

/** @throws WalqError `configuration-invalid` where none is configured and no `walq up` runs */
export async function requireRedis(config: ConfigWith<'redis'>): Promise<RedisConfig> {
  const redis = await redisOf(config);
  if (redis !== undefined) return redis;
  throw new WalqError('configuration-invalid', {
    message: `redis.url is not set, and no walq up of this configuration runs: ${whereOf(config)}`,
    hint: 'Set redis.url or WALQ_REDIS__URL, or start walq up.',
  });
}

async function ask(observer: Observer, config: ConfigWith<'redis'>): Promise<QueueStatus> {
  const bySource = Object.entries(await observer.queueCounts());
  const queues: Record<string, QueueCounts> = {};
  for (const [source, { waiting, active, delayed, failed }] of bySource) {
    queues[queueNameOf(config.queue.name, source)] = { waiting, active, delayed, failed };
  }
  const workers = (await observer.workers()).map(({ id, host, concurrency, active }) => ({
    id,
    host,
    concurrency,
    active,
  }));
  return { redis: 'ok', queues, workers };
}
