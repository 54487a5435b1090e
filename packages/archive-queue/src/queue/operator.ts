import { WalqError } from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import { RedisLink } from '../connection/redis-link.ts';
import type { RedisLocation } from '../connection/redis-settings.ts';
import { queueNameOf } from '../job/archive-job.ts';
import { ArchiveQueue } from './archive-queue.ts';
import { pauseBy, type Pause } from './pause.ts';

/**
 * An operator's actions on the queue of a source. None of them can lose a segment, because the disk is the truth. Each
 * call throws WalqError `redis-unavailable` if Redis does not answer in time, and `usage` for a source that is not
 * configured.
 */
export interface Operator {
  /**
   * Workers take no more jobs of this source until it is resumed; its segments stay at the source. Returns the pause in
   * force; if the source was paused already, that pause is unchanged. `by` is `user@host`, or the login of the archive page.
   */
  pause(source: string, by: string): Promise<Pause>;
  /** Returns the pause that ended; undefined if the source was not paused. */
  resume(source: string): Promise<Pause | undefined>;
  /** The current pause; undefined if the source is not paused. */
  pauseInForce(source: string): Promise<Pause | undefined>;
  /** Retries now a segment that is delayed after a failure; false if it is not delayed. */
  retry(source: string, segment: string): Promise<boolean>;
  /** As `retry`, for all delayed segments; returns their number. */
  retryAll(source: string): Promise<number>;
  close(): void;
}

export interface OperatorOptions {
  readonly redis: RedisLocation;
  readonly logger: Logger;
  /** Names of the sources to act on. */
  readonly sources: readonly string[];
  /** Prefix of the queue names. @default 'wal-archive' */
  readonly queueName?: string;
  /** Deadline of each call, in milliseconds. @default 5000 */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 5_000;

export function createOperator(options: OperatorOptions): Operator {
  const { redis: location, logger, sources, queueName = 'wal-archive' } = options;
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const link = new RedisLink({ location, logger, queueName, deadlineMs });
  const queues = new Map(
    sources.map((source) => [source, new ArchiveQueue(link, queueNameOf(queueName, source))]),
  );
  const queueOf = async (source: string): Promise<ArchiveQueue> => {
    const queue = queues.get(source);
    if (queue === undefined) throw unknownSource(source);
    await link.untilReady(deadlineMs);
    return queue;
  };
  return {
    pause: async (source, by) => pause(await queueOf(source), by),
    resume: async (source) => resume(await queueOf(source)),
    pauseInForce: async (source) => (await queueOf(source)).pauseInForce(),
    retry: async (source, segment) => (await queueOf(source)).retry(segment),
    retryAll: async (source) => (await queueOf(source)).retryAll(),
    close: () => link.close(),
  };
}

async function pause(queue: ArchiveQueue, by: string): Promise<Pause> {
  const inForce = await queue.pauseInForce();
  if (inForce !== undefined) return inForce;
  const pause = pauseBy(by);
  await queue.pause(pause);
  return pause;
}

async function resume(queue: ArchiveQueue): Promise<Pause | undefined> {
  const ended = await queue.pauseInForce();
  if (ended !== undefined) await queue.resume();
  return ended;
}

const unknownSource = (source: string): WalqError =>
  new WalqError('usage', { message: `no source '${source}' is configured` });
