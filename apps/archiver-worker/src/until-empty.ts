/** `walq worker --until-empty`: keeps the queue filled itself, and ends when the disk has nothing due left. */
import { LRUCache } from 'lru-cache';
import { createProducer, type Consumer, type QueueTelemetry } from '@walq/archive-queue';
import { redisReasons, type RoleOptions } from '@walq/role';
import {
  isWalqError,
  listQuarantine,
  nodeDisk,
  SourceOpener,
  WalqError,
  type ArchiveStore,
  type FailureRecord,
} from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { setTimeout as sleep } from 'node:timers/promises';

export interface WorkerResult {
  /** Segments in quarantine when the work ended; 0 where nobody asked for an empty backlog. */
  readonly quarantined: number;
}

interface UntilEmptyOptions extends Pick<RoleOptions, 'config' | 'logger' | 'signal'> {
  readonly storeOf: (source: ConfiguredSource) => ArchiveStore;
  readonly telemetry: QueueTelemetry | undefined;
  readonly consumer: Pick<Consumer, 'state' | 'failures'>;
  /** How long nothing may move. */
  readonly stallTimeoutMs: number;
}

const POLL_INTERVAL_MS = 200;

export async function untilEmpty(options: UntilEmptyOptions): Promise<WorkerResult> {
  const { config, logger, storeOf, telemetry, consumer, stallTimeoutMs } = options;
  const stall = new StallWatch(consumer, stallTimeoutMs);
  const { sources, redis, queue } = config;
  const producers = sources.map((source) =>
    createProducer({
      source,
      store: storeOf(source),
      redis,
      queueName: queue.name,
      logger,
      telemetry,
    }),
  );
  try {
    for (const source of sources) await drained(options, source, stall);
    return { quarantined: await countQuarantined(options) };
  } finally {
    await Promise.all(producers.map((producer) => producer.close()));
  }
}

/**
 * Resolves when nothing of the source is due, or the signal is aborted.
 *
 * @throws WalqError what no waiting changes; `timed-out` with the reason when nothing has moved for too long
 */
async function drained(
  { storeOf, signal }: UntilEmptyOptions,
  source: ConfiguredSource,
  stall: StallWatch,
): Promise<void> {
  const opened = new SourceOpener({ disk: nodeDisk, source, store: storeOf(source) });
  while (!signal.aborted) {
    try {
      const { view } = await opened.open();
      const { dueCount } = await view.scan(1);
      if (dueCount === 0) return;
      stall.note(source.name, dueCount);
    } catch (error) {
      // A source or an archive that is away for now may have something due.
      if (!isWalqError(error) || error.class !== 'retryable') throw error;
      opened.forget();
      stall.note(source.name, error);
    }
    await sleep(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function countQuarantined({ config, storeOf }: UntilEmptyOptions): Promise<number> {
  const lists = config.sources.map((source) => listQuarantine(storeOf(source), source.name));
  return (await Promise.all(lists)).reduce((sum, records) => sum + records.length, 0);
}

/** Of more segments in work the oldest are forgotten, which only prolongs the wait. */
const REMEMBERED_MAX = 10_000;

/**
 * Tells when nothing moves any more: no segment has left the backlog, and none in work got further than ever before. A
 * segment that is tried again and again, and fails each time, does not move.
 */
class StallWatch {
  readonly #consumer: Pick<Consumer, 'state' | 'failures'>;
  readonly #timeoutMs: number;
  /** By source: the fewest segments that were due. */
  readonly #fewestDue = new Map<string, number>();
  /** By segment: how far it got. */
  readonly #furthest = new LRUCache<string, number>({ max: REMEMBERED_MAX });
  #movedMs = performance.now();

  /** @param timeoutMs how long nothing may move */
  constructor(consumer: Pick<Consumer, 'state' | 'failures'>, timeoutMs: number) {
    this.#consumer = consumer;
    this.#timeoutMs = timeoutMs;
  }

  /** Notes how many segments of a source are due, or why that is not known. @throws WalqError `timed-out` */
  note(source: string, found: number | Error): void {
    if (this.#hasMoved(source, found)) this.#movedMs = performance.now();
    if (performance.now() - this.#movedMs < this.#timeoutMs) return;
    const waits =
      typeof found === 'number' ? `${found} of its segments are due` : 'it cannot be read';
    const reason = this.#reasonOf(source) ?? (found instanceof WalqError ? found : undefined);
    throw new WalqError('timed-out', {
      message: `nothing of source '${source}' has moved for ${this.#timeoutMs / 1_000} s, and ${waits}: ${reason?.message ?? 'no reason is known'}`,
      hint: reason?.hint ?? 'Look at the log of this worker; walq check and walq status say more.',
      ...(found instanceof Error ? { cause: found } : {}),
    });
  }

  #hasMoved(source: string, found: number | Error): boolean {
    const before = this.#fewestDue.get(source) ?? Infinity;
    const isFewer = typeof found === 'number' && found < before;
    if (isFewer) this.#fewestDue.set(source, found);
    const { inWork } = this.#consumer.state();
    const further = inWork.filter(({ source: of, segment, doneBytes }) =>
      this.#isFurther(`${of}/${segment}`, doneBytes),
    );
    return isFewer || further.length > 0;
  }

  #isFurther(segment: string, doneBytes: number): boolean {
    if (doneBytes <= (this.#furthest.get(segment) ?? -1)) return false;
    this.#furthest.set(segment, doneBytes);
    return true;
  }

  /** What this worker knows: Redis, the source, its archive, and the latest failure, in this order. */
  #reasonOf(source: string): Pick<FailureRecord, 'message' | 'hint'> | undefined {
    const { redis, redisProblem, sources } = this.#consumer.state();
    if (redis !== 'ok') {
      const [message = redis] = redisReasons(redis, redisProblem);
      return { message, hint: 'walq check names the cause and what to do.' };
    }
    const own = sources[source];
    const failed = this.#consumer.failures().find((one) => one.source === source);
    return own?.stopped ?? own?.outage ?? failed;
  }
}
