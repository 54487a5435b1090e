import { jitteredBackoffMs } from '@walq/wal-core/internal';
import type { RedisOptions } from 'ioredis';
import { Redis } from '../bullmq.ts';
import { BoundedConnector } from './bounded-connector.ts';
import { isRoleChange } from './redis-errors.ts';
import { placeOptions, type RedisPlace } from './redis-settings.ts';

const RECONNECT = { firstMs: 200, longestMs: 5_000 };
/** After so long without one, a server that was no primary counts as sound again. */
const ROLE_CHANGE_FORGOTTEN_MS = 30_000;
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

/** What ioredis does with the command that was answered so, once the connection is made again. */
const FAIL_COMMAND = 1;
const SEND_AGAIN = 2;

/**
 * A server that answers that it is no primary (any more) is left: a name, a virtual address or the Sentinels
 * lead to the new one. Where they lead to the same server again, pauses grow as after refused connections.
 */
function reconnecting(then: typeof FAIL_COMMAND | typeof SEND_AGAIN) {
  let roleChanges = 0;
  let lastMs = -Infinity;
  const recent = (): number =>
    performance.now() - lastMs < ROLE_CHANGE_FORGOTTEN_MS ? roleChanges : 0;
  return {
    retryStrategy: (failures: number) => jitteredBackoffMs(Math.max(failures, recent()), RECONNECT),
    reconnectOnError: (error: Error) => {
      if (!isRoleChange(error)) return false;
      roleChanges = recent() + 1;
      lastMs = performance.now();
      return then;
    },
  } satisfies RedisOptions;
}

const common: RedisOptions = {
  Connector: BoundedConnector as unknown as NonNullable<RedisOptions['Connector']>,
  disconnectTimeout: DISCONNECT_MAX_MS,
  sentinelCommandTimeout: SENTINEL_ANSWER_MAX_MS,
};

/**
 * For callers that must not wait: a command is sent at once or fails, and is never kept for later, so that an
 * outage of any length holds no memory. ioredis forgets what was under way when a connection breaks and never
 * answers it: the deadline of each command, which the connection itself keeps, does.
 */
export const linkOptions = (place: RedisPlace, deadlineMs: number): RedisOptions => ({
  ...placeOptions(place),
  ...common,
  ...reconnecting(FAIL_COMMAND),
  commandTimeout: deadlineMs,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  autoResendUnfulfilledCommands: false,
  connectTimeout: LINK_SILENCE_MAX_MS,
  socketTimeout: LINK_SILENCE_MAX_MS,
});

/**
 * For BullMQ's workers, whose commands outlive an outage, for they hold the ends of jobs: ioredis sends again what
 * was under way when a connection broke. A peer that is silent for a while counts as lost, which is the deadline of
 * each command that was sent. A worker that is told to end waits for none of them.
 */
export const workerOptions = (place: RedisPlace): RedisOptions => ({
  ...placeOptions(place),
  ...common,
  ...reconnecting(SEND_AGAIN),
  maxRetriesPerRequest: null,
  socketTimeout: WORKER_SILENCE_MAX_MS,
});

/** ioredis' options type allows `undefined` where the types of its constructor do not. */
const RedisOfOptions = Redis as unknown as new (options: RedisOptions) => Redis;

/** The only place where walq makes a connection; BullMQ makes its workers' own from `workerOptions`. */
export const openRedis = (options: RedisOptions): Redis => new RedisOfOptions(options);
