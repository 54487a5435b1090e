import { WalqError } from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import { RedisLink } from '../connection/redis-link.ts';
import type { RedisPlace } from '../connection/redis-settings.ts';
import { queueNameOf } from '../job/archive-job.ts';
import { ArchiveQueue } from './archive-queue.ts';
import { pauseBy, type Pause } from './pause.ts';

/**
 * What a person may do to the queue of a source. None of it can lose a segment: the disk is the truth. Each
 * call rejects with `redis-unavailable` when Redis does not answer in time, and with `usage` for a source
 * that is not configured.
 */
export interface Operator {
  /**
   * Workers take no more jobs of this source until it is resumed; its segments stay where they are. Gives the
   * pause in force: an earlier one stays as it is. `by` is `user@host`, or the login of the archive page.
   */
  pause(source: string, by: string): Promise<Pause>;
  /** Gives the pause that ended; undefined where the source was not paused. */
  resume(source: string): Promise<Pause | undefined>;
  /** Undefined where the source is not paused. */
  pauseInForce(source: string): Promise<Pause | undefined>;
  /** Tries a segment now that waits after a failure; false when it does not. */
  retry(source: string, segment: string): Promise<boolean>;
  /** As `retry`, for all that wait; gives their number. */
  retryAll(source: string): Promise<number>;
  close(): void;
}

export interface OperatorOptions {
  readonly redis: RedisPlace;
  readonly logger: Logger;
  /** Names of the sources that may be acted on. */
  readonly sources: readonly string[];
  /** First part of the queues' names. @default 'wal-archive' */
  readonly queueName?: string;
  /** How long each call may take, in milliseconds. @default 5000 */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 5_000;

export function createOperator(options: OperatorOptions): Operator {
  const { redis: place, logger, sources, queueName = 'wal-archive' } = options;
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const link = new RedisLink({ place, logger, queueName, deadlineMs });
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
