/** Reads the state of the queues and roles, for status, health checks and the dashboard. */
import { isWalqError, toFailureRecord, type FailureRecord } from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import type { Queue } from 'bullmq';
import { checkRedis, probeWrite, type RedisReport } from '../connection/check-redis.ts';
import { RedisLink, type RedisState } from '../connection/redis-link.ts';
import type { RedisLocation } from '../connection/redis-settings.ts';
import { queueNameOf } from '../job/archive-job.ts';
import { toRecentBatch, type RecentBatch } from '../queue/completed-jobs.ts';
import type { Pause } from '../queue/pause.ts';
import type { QueueCounts } from '../queue/queued-segments.ts';
import { QueueReader } from '../queue/queue-reader.ts';
import {
  producerRecordSchema,
  workerRecordSchema,
  type ProducerRecord,
  type WorkerRecord,
} from './role-records.ts';
import { RoleRegistry } from './role-registry.ts';

export interface ObserverOptions {
  readonly redis: RedisLocation;
  readonly logger: Logger;
  /** Names of the sources whose queues are read. */
  readonly sources: readonly string[];
  /** Prefix of the queue names. @default 'wal-archive' */
  readonly queueName?: string;
  /** Deadline for the first connection and for each reply, in milliseconds. @default 2000 */
  readonly deadlineMs?: number;
}

export interface Observer {
  /** Checks that a job could be written, by writing a probe key. Waits for the first connection up to the deadline. */
  redisState(): Promise<RedisHealth>;
  /**
   * Reads the settings of Redis that matter for a queue.
   *
   * @throws WalqError `redis-unavailable`; `redis-evicts` or `redis-unsuitable` if no queue can work on it
   */
  checkRedis(): Promise<RedisReport>;
  /** By source. @throws WalqError `redis-unavailable` */
  queueCounts(): Promise<Readonly<Record<string, QueueView>>>;
  /** Workers registered within the last 30 s. @throws WalqError `redis-unavailable` */
  workers(): Promise<readonly WorkerRecord[]>;
  /** Producers registered within the last 30 s. @throws WalqError `redis-unavailable` */
  producers(): Promise<readonly ProducerRecord[]>;
  /**
   * The latest archived batches of a source, newest first; empty if the source is not one of `sources`.
   *
   * @throws WalqError `redis-unavailable`
   */
  recentBatches(source: string, countMax: number): Promise<readonly RecentBatch[]>;
  /** BullMQ's own objects, for a queue board. They are closed with the observer. */
  openQueues(): Promise<readonly Queue[]>;
  close(): void;
}

export interface RedisHealth {
  readonly state: RedisState;
  /** Why it is not `ok`, with the server's own message; null if it is. */
  readonly failure: FailureRecord | null;
}

export interface QueueView extends QueueCounts {
  /** The operator's pause; null if the queue is not paused. */
  readonly pause: Pause | null;
}

const DEADLINE_MS = 2_000;

export function createObserver(options: ObserverOptions): Observer {
  const { redis: location, logger, sources, queueName = 'wal-archive' } = options;
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const link = new RedisLink({ location, logger, queueName, deadlineMs });
  const registryOf = { link, queueName };
  const workers = new RoleRegistry({ ...registryOf, role: 'worker', schema: workerRecordSchema });
  const producers = new RoleRegistry({
    ...registryOf,
    role: 'producer',
    schema: producerRecordSchema,
  });
  const names = sources.map((source) => [source, queueNameOf(queueName, source)] as const);
  const queues = names.map(([source, name]) => [source, new QueueReader(link, name)] as const);
  let boards: Promise<readonly Queue[]> | undefined;
  return {
    redisState: () => healthOf(link, deadlineMs),
    checkRedis: async () => {
      await link.untilReady(deadlineMs);
      return checkRedis(link);
    },
    queueCounts: async () => {
      await link.untilReady(deadlineMs);
      const counts = queues.map(async ([source, queue]) => [source, await view(queue)] as const);
      return Object.fromEntries(await Promise.all(counts));
    },
    workers: async () => {
      await link.untilReady(deadlineMs);
      return workers.list();
    },
    producers: async () => {
      await link.untilReady(deadlineMs);
      return producers.list();
    },
    recentBatches: async (source, countMax) => {
      await link.untilReady(deadlineMs);
      const queue = queues.find(([name]) => name === source)?.[1];
      return (await queue?.completed(countMax))?.flatMap(toRecentBatch) ?? [];
    },
    openQueues: () =>
      (boards ??= openBoards(
        link,
        names.map(([, name]) => name),
      )),
    close: () => link.close(),
  };
}

async function openBoards(link: RedisLink, names: readonly string[]): Promise<readonly Queue[]> {
  const { BoardQueue } = await import('./board-queue.ts');
  return names.map((name) => new BoardQueue(link, name));
}

async function view(queue: QueueReader): Promise<QueueView> {
  const [counts, pause] = await Promise.all([queue.counts(), queue.pauseInForce()]);
  return { ...counts, pause: pause ?? null };
}

async function healthOf(link: RedisLink, deadlineMs: number): Promise<RedisHealth> {
  try {
    await link.untilReady(deadlineMs);
    await probeWrite(link);
    return { state: 'ok', failure: null };
  } catch (error) {
    if (!isWalqError(error, 'redis-unavailable')) throw error;
    const state = link.state === 'refusing' ? 'refusing' : 'unreachable';
    return { state, failure: toFailureRecord(error) };
  }
}

/** Queues and roles as Redis has them at one moment, or why it cannot be read. */
export interface QueueSnapshot {
  /** `ok`: a job can be written. `refusing`: Redis replies but rejects writes. `none`: no Redis is configured. */
  readonly redis: RedisState | 'none';
  /** Why Redis cannot be used; null if it can. */
  readonly failure: FailureRecord | null;
  /** By source. */
  readonly queues: Readonly<Record<string, QueueView>>;
  readonly workers: readonly WorkerRecord[];
  readonly producers: readonly ProducerRecord[];
}

const nothing = { queues: {}, workers: [], producers: [] };

export const withoutRedis: QueueSnapshot = { ...nothing, redis: 'none', failure: null };

/** A failure of Redis is part of the snapshot; only other errors are thrown. */
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
