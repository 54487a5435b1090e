import type { RedisOptions } from 'ioredis';
import { Redis } from '../bullmq/index.ts';
import { fullJitter } from '../pace/index.ts';
import { placeOptions, type RedisPlace } from './redis-settings.ts';

const RECONNECT = { firstMs: 200, longestMs: 5_000 };
const LINK_SILENCE_MAX_MS = 10_000;
/** Above the 10 s that BullMQ lets a worker wait for a job on one command. */
const WORKER_SILENCE_MAX_MS = 15_000;

/**
 * Sentinels are asked one after another, and ioredis waits for each as long as it takes: one that takes
 * connections and does not answer, frozen or half open, would keep a role from a new primary for ever.
 */
const SENTINEL_ANSWER_MAX_MS = 1_000;

/** A peer that does not answer is not waited for at the end either. */
const DISCONNECT_MAX_MS = 500;

const common = {
  retryStrategy: (failures: number) => fullJitter(failures, RECONNECT),
  disconnectTimeout: DISCONNECT_MAX_MS,
  sentinelCommandTimeout: SENTINEL_ANSWER_MAX_MS,
};

/**
 * For callers that must not wait: a command is sent at once or fails, and is never kept for later,
 * so that an outage of any length holds no memory.
 */
export const linkOptions = (place: RedisPlace): RedisOptions => ({
  ...placeOptions(place),
  ...common,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  autoResendUnfulfilledCommands: false,
  connectTimeout: LINK_SILENCE_MAX_MS,
  socketTimeout: LINK_SILENCE_MAX_MS,
});

/** For BullMQ's workers, which wait for Redis as long as it takes; a silent peer counts as lost. */
export const workerOptions = (place: RedisPlace): RedisOptions => ({
  ...placeOptions(place),
  ...common,
  maxRetriesPerRequest: null,
  socketTimeout: WORKER_SILENCE_MAX_MS,
});

/** ioredis' options type allows `undefined` where the types of its constructor do not. */
const RedisOfOptions = Redis as unknown as new (options: RedisOptions) => Redis;

export const openRedis = (options: RedisOptions): Redis => new RedisOfOptions(options);
