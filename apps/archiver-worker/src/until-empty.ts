/** `walq worker --until-empty`: also runs the producers, and ends when no segment on the disk is due. */
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
  /** Segments in quarantine when the work ended; 0 without `--until-empty`. */
  readonly quarantined: number;
}

interface UntilEmptyOptions extends Pick<RoleOptions, 'config' | 'logger' | 'signal'> {
  readonly storeOf: (source: ConfiguredSource) => ArchiveStore;
  readonly telemetry: QueueTelemetry | undefined;
  readonly consumer: Pick<Consumer, 'state' | 'failures'>;
  /** How long it may take without any progress, in milliseconds. */
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
      batch: queue.batch,
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
 * Resolves when no segment of the source is due, or the signal is aborted.
 *
 * @throws WalqError a failure that does not pass by itself; `timed-out` with the reason after too long without progress
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
      // While the source or its archive is unavailable, it may have due segments.
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

/** Beyond this, the oldest segments are forgotten, which only prolongs the wait. */
const REMEMBERED_MAX = 10_000;

/**
 * Detects that nothing progresses: no segment has left the backlog, and none in progress got further than before. A
 * segment that fails at every attempt makes no progress.
 */
class StallWatch {
  readonly #consumer: Pick<Consumer, 'state' | 'failures'>;
  readonly #timeoutMs: number;
  /** By source: the fewest segments that were due. */
  readonly #fewestDue = new Map<string, number>();
  /** By segment: the most bytes done so far. */
  readonly #furthest = new LRUCache<string, number>({ max: REMEMBERED_MAX });
  #movedMs = performance.now();

  /** @param timeoutMs how long it may take without any progress */
  constructor(consumer: Pick<Consumer, 'state' | 'failures'>, timeoutMs: number) {
    this.#consumer = consumer;
    this.#timeoutMs = timeoutMs;
  }

  /** Records how many segments of a source are due, or why that is unknown. @throws WalqError `timed-out` */
  note(source: string, found: number | Error): void {
    if (this.#hasMoved(source, found)) this.#movedMs = performance.now();
    if (performance.now() - this.#movedMs < this.#timeoutMs) return;
    const backlog =
      typeof found === 'number' ? `${found} of its segments are due` : 'it cannot be read';
    const reason = this.#reasonOf(source) ?? (found instanceof WalqError ? found : undefined);
    throw new WalqError('timed-out', {
      message: `source '${source}' has made no progress for ${this.#timeoutMs / 1_000} s, and ${backlog}: ${reason?.message ?? 'the reason is unknown'}`,
      hint: reason?.hint ?? 'Read the log of this worker, and run walq check and walq status.',
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

  /** The reason as this worker knows it: Redis, the source, its archive, or the latest failure, in this order. */
  #reasonOf(source: string): Pick<FailureRecord, 'message' | 'hint'> | undefined {
    const { redis, redisProblem, sources } = this.#consumer.state();
    if (redis !== 'ok') {
      const [message = redis] = redisReasons(redis, redisProblem);
      return { message, hint: 'Run walq check: it reports the cause and what to do.' };
    }
    const own = sources[source];
    const failed = this.#consumer.failures().find((one) => one.source === source);
    return own?.stopped ?? own?.outage ?? failed;
  }
}
