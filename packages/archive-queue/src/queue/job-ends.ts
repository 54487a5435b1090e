/**
 * Notices that jobs have ended, for callers that wait for segments: reads BullMQ's stream of events. It only says when to
 * check the disk, and for which segments. Events can be lost, and anyone who can write to Redis can add some, so that
 * callers also poll.
 *
 * It has a connection of its own, because its command blocks. The connection is open while somebody listens, and a little
 * longer, so that it need not be opened for each flush. Its failures are not logged: a caller then waits for its next poll.
 */
import { WakeableSleep } from '@walq/wal-core/internal';
import type { Redis } from '../ioredis.ts';
import type { RedisLink } from '../connection/redis-link.ts';
import { z } from 'zod';
import { BATCH_SEGMENTS_MAX } from '../job/archive-job.ts';
import type { ArchivedSegment } from '../job/job-ending.ts';
import { OUTCOME_BYTES_MAX } from './completed-jobs.ts';

const LINGER_MS = 10_000;
/** How long Redis holds back its reply while there are no events. */
const BLOCK_MS = 5_000;
const CALL_MS = 8_000;
const EVENTS_MAX = 16;
const RETRY_MS = 1_000;
/** The oldest are forgotten. */
const ANNOUNCED_MAX = 4_096;

/** Longer than any file name. */
const NAME_CHARACTERS_MAX = 255;

const durationMs = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER);
const resultSchema = z.object({
  archived: z
    .array(z.tuple([z.string().max(NAME_CHARACTERS_MAX), z.int().nonnegative(), durationMs]))
    .max(BATCH_SEGMENTS_MAX),
});

/** What a job said about a segment that it archived. */
export interface Announced {
  readonly bytesIn: number;
  readonly durationMs: number;
}

export class JobEnds {
  readonly #link: RedisLink;
  readonly #eventsKey: string;
  readonly #retryPause = new WakeableSleep();
  readonly #wakes = new Set<() => void>();
  #channel: RedisLink | undefined;
  #listeners = 0;
  #listenedMs = -Infinity;
  #isClosed = false;
  #isFollowing = false;
  #count = 0;
  readonly #announced = new Map<string, Announced>();

  constructor(link: RedisLink, eventsKey: string) {
    this.#link = link;
    this.#eventsKey = eventsKey;
  }

  /** Increases when jobs have ended, and when ends may have been missed. */
  get count(): number {
    return this.#count;
  }

  /** Segments that jobs said they archived, by name. Only the disk knows. */
  get announced(): ReadonlyMap<string, Announced> {
    return this.#announced;
  }

  /** For a segment that was checked on the disk. */
  forget(segment: string): void {
    this.#announced.delete(segment);
  }

  /** True while the end of a job is noticed at once, as far as this process knows. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** Follows the events until the returned function is called. */
  listen(): () => void {
    this.#listeners += 1;
    if (this.#channel === undefined && !this.#isClosed) this.#open();
    return () => {
      this.#listeners -= 1;
      this.#listenedMs = performance.now();
    };
  }

  /** Resolves when `count` is no longer this, but at most after `ms`. */
  async after(count: number, ms: number): Promise<void> {
    if (this.#count !== count || this.#isClosed) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#wakes.add(wake);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#channel?.close();
    this.#retryPause.wake();
    this.#notify();
  }

  #open(): void {
    const channel = this.#link.openSecond(CALL_MS, () => this.#retryPause.wake());
    this.#channel = channel;
    this.#followUntilUnused(channel).catch(() => undefined);
  }

  async #followUntilUnused(channel: RedisLink): Promise<void> {
    while (this.#isUsed) {
      // During this the disk is polled, and the queue's own link reports why Redis is away.
      await this.#follow(channel).catch(() => undefined);
      this.#isFollowing = false;
      if (this.#isUsed) await this.#retryPause.sleep(RETRY_MS);
    }
    channel.close();
    this.#channel = undefined;
  }

  get #isUsed(): boolean {
    if (this.#isClosed) return false;
    return this.#listeners > 0 || performance.now() - this.#listenedMs < LINGER_MS;
  }

  async #follow(channel: RedisLink): Promise<void> {
    let last = await channel.call('find the latest event', (client) => this.#latestId(client));
    this.#isFollowing = true;
    this.#notify();
    while (this.#isUsed) {
      const events = await channel.call('wait for events', (client) => this.#after(client, last));
      last = events.at(-1)?.id ?? last;
      for (const [segment, bytesIn, durationMs] of events.flatMap(archivedBy)) {
        this.#announced.delete(segment);
        this.#announced.set(segment, { bytesIn, durationMs });
      }
      this.#limitAnnounced();
      if (events.some(({ name }) => name === 'completed' || name === 'failed')) this.#notify();
    }
  }

  async #latestId(client: Redis): Promise<string> {
    const [latest] = await client.xrevrange(this.#eventsKey, '+', '-', 'COUNT', 1);
    return latest?.[0] ?? '0-0';
  }

  async #after(client: Redis, id: string): Promise<QueueEvent[]> {
    const count = ['COUNT', EVENTS_MAX] as const;
    const block = ['BLOCK', BLOCK_MS] as const;
    const read = await client.xread(...count, ...block, 'STREAMS', this.#eventsKey, id);
    const entries = read?.[0]?.[1] ?? [];
    return entries.map(([entryId, [, name, ...fields]]) => ({ id: entryId, name, fields }));
  }

  #limitAnnounced(): void {
    let excess = this.#announced.size - ANNOUNCED_MAX;
    for (const segment of this.#announced.keys()) {
      if (excess <= 0) return;
      this.#announced.delete(segment);
      excess -= 1;
    }
  }

  #notify(): void {
    this.#count += 1;
    for (const wake of this.#wakes) wake();
  }
}

interface QueueEvent {
  readonly id: string;
  readonly name: string | undefined;
  /** Names and values in turn. */
  readonly fields: readonly string[];
}

function archivedBy({ name, fields }: QueueEvent): readonly ArchivedSegment[] {
  const result = fields[fields.indexOf('returnvalue') + 1] ?? '';
  if (name !== 'completed' || result.length > OUTCOME_BYTES_MAX) return [];
  try {
    return resultSchema.safeParse(JSON.parse(result)).data?.archived ?? [];
  } catch {
    return [];
  }
}
