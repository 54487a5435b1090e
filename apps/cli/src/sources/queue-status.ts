/** The queues and workers in Redis, for `walq status`. */
import {
  createObserver,
  takeQueueSnapshot,
  withoutRedis,
  type QueueSnapshot,
} from '@walq/archive-queue/observe';
import { WalqError } from '@walq/wal-core/internal';
import type { ConfigWith, RedisConfig } from '@walq/config';
import { quietLogger } from '@walq/role/logger';
import type { Call } from '../command-line/command.ts';
import { findRunningRedis } from '../private-redis/running.ts';
import { privateRedisDirectory } from '../private-redis/place.ts';
import { whereOf } from './require.ts';

/** Rejects only for a failure that does not come from Redis. */
export async function queueStatus(config: ConfigWith<'redis'>): Promise<QueueSnapshot> {
  const redis = await redisOf(config);
  if (redis === undefined) return withoutRedis;
  const observer = createObserver({
    redis,
    logger: quietLogger(),
    sources: config.sources.map(({ name }) => name),
    queueName: config.queue.name,
  });
  try {
    return await takeQueueSnapshot(observer);
  } finally {
    observer.close();
  }
}

/** For commands that do not need Redis: if it cannot be reached, the result is the same as without one. */
export async function queueOf(call: Pick<Call, 'loadConfig'>): Promise<QueueSnapshot> {
  try {
    return await queueStatus(await call.loadConfig({ secretsOf: ['redis'] }));
  } catch {
    return withoutRedis;
  }
}

/** The configured server, or the one that a `walq up` of this configuration runs. */
export const redisOf = async (config: ConfigWith<'redis'>): Promise<RedisConfig | undefined> =>
  config.redis ?? findRunningRedis(privateRedisDirectory(config));

/** @throws WalqError `configuration-invalid` if none is configured and no `walq up` is running */
export async function requireRedis(config: ConfigWith<'redis'>): Promise<RedisConfig> {
  const redis = await redisOf(config);
  if (redis !== undefined) return redis;
  throw new WalqError('configuration-invalid', {
    message: `redis.url is not set, and no walq up of this configuration runs: ${whereOf(config)}`,
    hint: 'Set redis.url or WALQ_REDIS__URL, or start walq up.',
  });
}
