import { jitteredBackoffMs } from '@walq/wal-core/internal';
import type { RedisOptions } from 'ioredis';
import { Redis } from '../ioredis.ts';
import { BoundedConnector } from './bounded-connector.ts';
import { isRoleChange } from './redis-errors.ts';
import { locationOptions, type RedisLocation } from './redis-settings.ts';

const RECONNECT = { firstMs: 200, longestMs: 5_000 };
/** Role changes longer ago than this no longer lengthen the pauses. */
const ROLE_CHANGE_FORGOTTEN_MS = 30_000;
const LINK_SILENCE_MAX_MS = 10_000;
/** Above the 10 s for which BullMQ blocks on one command to wait for a job. */
const WORKER_SILENCE_MAX_MS = 15_000;

/**
 * ioredis asks the Sentinels one after another and has no deadline of its own for them: a Sentinel that accepts
 * connections and does not answer would keep a role from finding the new primary for ever.
 */
const SENTINEL_ANSWER_MAX_MS = 1_000;

/** How long closing a connection waits for a server that does not answer. */
const DISCONNECT_MAX_MS = 500;

/** What ioredis does after reconnecting with the command that got this reply. */
const FAIL_COMMAND = 1;
const SEND_AGAIN = 2;

/**
 * Disconnects from a server that says it is not a primary: a DNS name, a virtual address or the Sentinels lead to the new
 * one. If they lead to the same server again, the pauses grow as they do after refused connections.
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
 * For callers that must not wait: a command is sent immediately or fails, and is never queued, so that memory does not
 * grow during an outage. ioredis drops the commands in flight when a connection breaks and neither resolves nor rejects
 * them; the deadline of each command (`commandTimeout`) does.
 */
export const linkOptions = (location: RedisLocation, deadlineMs: number): RedisOptions => ({
  ...locationOptions(location),
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
 * For BullMQ's workers. Their commands must survive an outage, because they report the ends of jobs: after reconnecting,
 * ioredis sends the commands in flight again. A server that is silent for too long counts as lost. A worker that closes
 * does not wait for any command.
 */
export const workerOptions = (location: RedisLocation): RedisOptions => ({
  ...locationOptions(location),
  ...common,
  ...reconnecting(SEND_AGAIN),
  maxRetriesPerRequest: null,
  socketTimeout: WORKER_SILENCE_MAX_MS,
});

/** ioredis's options type allows `undefined` where its constructor's type does not. */
const RedisOfOptions = Redis as unknown as new (options: RedisOptions) => Redis;

/** The only place where walq opens a connection; BullMQ opens its workers' own from `workerOptions`. */
export const openRedis = (options: RedisOptions): Redis => new RedisOfOptions(options);
