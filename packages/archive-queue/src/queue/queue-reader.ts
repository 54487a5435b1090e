/** Reads the queue of one source with commands of Redis, so that a command that only reads need not load BullMQ. */
import type { Redis } from '../ioredis.ts';
import type { RedisLink } from '../connection/redis-link.ts';
import { jobIdOf } from '../job/archive-job.ts';
import { readCompleted, type CompletedJob } from './completed-jobs.ts';
import { parsePause, PAUSE_CHARS_MAX, pauseKey, type Pause } from './pause.ts';
import { countSegments, heldSegments, type QueueCounts } from './queued-segments.ts';

export class QueueReader {
  readonly name: string;
  readonly #link: RedisLink;
  /** The name of a key of this queue, as BullMQ makes it. */
  protected readonly toKey = (key: string): string => `bull:${this.name}:${key}`;

  constructor(link: RedisLink, name: string) {
    this.#link = link;
    this.name = name;
  }

  /** BullMQ's stream of what happens to the jobs. */
  get eventsKey(): string {
    return this.toKey('events');
  }

  /** How many segments the jobs hold, by state. */
  counts(): Promise<QueueCounts> {
    return this.#read('count the segments', (client) => countSegments(client, this.toKey));
  }

  /** The segments of this identity of the source that have a waiting or active job. */
  held(sourceId: string): Promise<ReadonlySet<string>> {
    return this.#read('read the jobs', (client) => heldSegments(client, this.toKey, sourceId));
  }

  /** Those of the segments that are delayed after a failure. */
  async delayedAmong(segmentNames: readonly string[]): Promise<ReadonlySet<string>> {
    if (segmentNames.length === 0) return new Set();
    const scores = await this.#read('read the delayed jobs', (client) =>
      client.zmscore(this.toKey('delayed'), segmentNames.map(jobIdOf)),
    );
    return new Set(segmentNames.filter((_, index) => scores[index] !== null));
  }

  /** The operator's pause; undefined if the queue is not paused. */
  pauseInForce(): Promise<Pause | undefined> {
    return this.#read('read the pause', async (client) => {
      if ((await client.hexists(this.toKey('meta'), 'paused')) === 0) return undefined;
      return parsePause(await client.getrange(pauseKey(this.name), 0, PAUSE_CHARS_MAX));
    });
  }

  /** The latest completed jobs, newest first. */
  completed(countMax: number): Promise<CompletedJob[]> {
    return this.#read('read finished jobs', (client) =>
      readCompleted(client, this.toKey, countMax),
    );
  }

  #read<T>(what: string, work: (client: Redis) => Promise<T>): Promise<T> {
    return this.#link.call(`${what} of ${this.name}`, work);
  }
}
