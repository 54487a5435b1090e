/** The producer: the interface of the flush side, which a storage engine embeds. */
import {
  DEFAULT_BATCH_LIMITS,
  nodeDisk,
  SourceOpener,
  toFailureRecord,
  WalqError,
  type ArchiveStore,
  type BatchLimits,
  type BatchReport,
  type Disk,
  type FailureRecord,
  type Source,
} from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import { setMaxListeners } from 'node:events';
import { newSourceOutage } from '../outages.ts';
import { RedisLink, type RedisState } from '../connection/redis-link.ts';
import type { RedisLocation } from '../connection/redis-settings.ts';
import { BATCH_SEGMENTS_MAX, queueNameOf } from '../job/archive-job.ts';
import { withDeadline } from '../deadline.ts';
import { ArchiveQueue } from '../queue/archive-queue.ts';
import { JobEnds } from '../queue/job-ends.ts';
import type { QueueTelemetry } from '../queue/queue-telemetry.ts';
import { ArchiveWaits } from './await-archived.ts';
import { Enqueuer } from './enqueuer.ts';
import { Pump } from './pump.ts';
import { RoundScheduler } from './round-scheduler.ts';
import { FlushedMark, markOf, WatermarkWriter } from './watermark-writer.ts';
import { Window } from './window.ts';

export interface ProducerOptions {
  readonly source: Source;
  /** The archive of this source. */
  readonly store: ArchiveStore;
  readonly redis: RedisLocation;
  readonly logger: Logger;
  /** Prefix of the queue name; `-` and the name of the source follow. @default 'wal-archive' */
  readonly queueName?: string;
  /** @default the host's filesystem */
  readonly disk?: Disk;
  /** Limit of segments in waiting and active jobs; the remaining due ones are on the disk only. @default 4096 */
  readonly windowMax?: number;
  /** Limits of a job, which holds consecutive due segments: 1 to 512. @default 64 segments or 16 MiB */
  readonly batch?: BatchLimits;
  /** Whether `flush` returns immediately (true) or waits until they are archived. @default true */
  readonly archiveAsync?: boolean;
  /** Interval of the periodic reconciliation of queue and disk, in milliseconds. @default 30000 */
  readonly reconcileIntervalMs?: number;
  /** Traces each segment through the queue, see `createQueueTelemetry`. @default no traces */
  readonly telemetry?: QueueTelemetry | undefined;
}

export interface Producer {
  /**
   * Marks the source as flushed through a segment, given by file name or by number. Flushed: the engine will never
   * read these segments again, even after a crash; that they are fsynced is not enough. Returns immediately: does no
   * I/O, and behaves the same while Redis is down. A segment below the current mark changes nothing. The watermark is
   * written afterwards; `close` waits for it.
   *
   * @throws WalqError `usage` if the text is not the name of a segment of this source, or if the source has no
   * watermark (PostgreSQL, `skip_newest`); `producer-closed`
   */
  flushed(upTo: string | bigint): void;

  /**
   * As `flushed`; resolves when no segment up to there is due any more. The report says for each one whether it was
   * archived or quarantined. While Redis or the archive is unavailable, it keeps waiting.
   *
   * @throws WalqError as `flushed`; `source-reset` and other failures of class `refused`; `cancelled` if the producer is
   * closed during the wait; the signal's reason if it is aborted
   */
  flushedAndArchived(
    upTo: string | bigint,
    options?: { signal?: AbortSignal },
  ): Promise<BatchReport>;

  /**
   * For an engine's own flush. With `archiveAsync` it calls `flushed` and resolves immediately with undefined; otherwise
   * it calls `flushedAndArchived`.
   *
   * @throws WalqError as the method that it calls
   */
  flush(upTo: string | bigint): Promise<BatchReport | undefined>;

  /**
   * Requests a scan of the disk, for a source whose watermark another program writes. However often it is called, the
   * disk is scanned at most once each time the queue has room.
   */
  reconcile(): void;

  state(): ProducerState;

  /** Writes the watermark and closes. Takes at most 5 s, even if Redis is down or a disk hangs. */
  close(): Promise<void>;
}

export interface ProducerState {
  /** The highest segment given to `flushed`, by name or else by number; undefined before the first call. */
  readonly flushedUpTo: string | undefined;
  /** The watermark that this producer has made durable; undefined before the first. */
  readonly watermark: string | undefined;
  /** Due segments at the latest scan of the disk. */
  readonly dueCount: number;
  /** Result of this producer's latest write to Redis. */
  readonly redis: RedisState;
  /** Why `redis` is not `ok`. */
  readonly redisProblem: string | undefined;
  /** How long the current round has taken so far, in milliseconds; 0 between rounds. */
  readonly roundMs: number;
  /** Why segments are not enqueued: a failure of the source, its archive, its watermark or Redis. */
  readonly stopped: FailureRecord | undefined;
  /** Since when, in milliseconds since 1970. */
  readonly stoppedSince: number | undefined;
}

const WINDOW_MAX = 4_096;
const RECONCILE_INTERVAL_MS = 30_000;
const CLOSE_DEADLINE_MS = 5_000;

/** @throws WalqError `usage` if a limit of `batch` is out of range */
export function createProducer(options: ProducerOptions): Producer {
  assertBatchLimits(options.batch ?? DEFAULT_BATCH_LIMITS);
  return new QueueProducer(options);
}

class QueueProducer implements Producer {
  readonly #options: ProducerOptions;
  readonly #parts: Parts;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ source: options.source.name });
    this.#parts = assemble(options, this.#logger);
    this.#parts.pump.start();
    // One for each call of flushedAndArchived that waits.
    setMaxListeners(0, this.#closing.signal);
  }

  flushed(upTo: string | bigint): void {
    if (this.#advance(upTo)) this.#parts.pump.wake();
  }

  async flushedAndArchived(
    upTo: string | bigint,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<BatchReport> {
    const { pump, watermark, waits } = this.#parts;
    const isNew = this.#advance(upTo);
    const mark = markOf(this.#options.source, upTo);
    if (isNew || !watermark.covers(mark)) pump.wake('now');
    const closing = this.#closing.signal;
    return waits.wait(mark, signal === undefined ? [closing] : [signal, closing]);
  }

  async flush(upTo: string | bigint): Promise<BatchReport | undefined> {
    if (this.#options.archiveAsync === false) return this.flushedAndArchived(upTo);
    this.flushed(upTo);
    return undefined;
  }

  reconcile(): void {
    this.#parts.pump.reconcile();
  }

  state(): ProducerState {
    const { mark, watermark, window, link, pump } = this.#parts;
    const { sourceOutage, watermarkOutage, redisOutage } = this.#parts;
    const stopped = [sourceOutage, watermarkOutage, redisOutage].find(
      ({ current }) => current !== undefined,
    );
    return {
      flushedUpTo: mark.highest?.name ?? mark.highest?.number.toString(),
      watermark: watermark.durable?.name,
      dueCount: window.dueCount,
      redis: link.state,
      redisProblem: link.problem,
      roundMs: pump.roundMs,
      stopped: stopped?.current && toFailureRecord(stopped.current),
      stoppedSince: stopped?.since,
    };
  }

  #advance(upTo: string | bigint): boolean {
    const { source } = this.#options;
    if (this.#closing.signal.aborted) throw producerClosed(source);
    assertWatermark(source);
    return this.#parts.mark.advance(upTo);
  }

  close(): Promise<void> {
    this.#closing.abort(closedWhileWaiting());
    return (this.#closed ??= close(this.#parts, this.#logger));
  }
}

type Parts = ReturnType<typeof assemble>;

/** Creates the parts of a producer. Only the connection to Redis starts here. */
function assemble(options: ProducerOptions, logger: Logger) {
  const {
    source: at,
    store,
    redis: location,
    queueName = 'wal-archive',
    disk = nodeDisk,
  } = options;
  const link = new RedisLink({ location, logger, queueName, onReady: () => pump.reconnected() });
  const queue = new ArchiveQueue(link, queueNameOf(queueName, at.name), {
    telemetry: options.telemetry,
  });
  const window = new Window({
    disk,
    queue,
    sizeMax: options.windowMax ?? WINDOW_MAX,
    batch: options.batch ?? DEFAULT_BATCH_LIMITS,
  });
  const source = new SourceOpener({ disk, source: at, store });
  const mark = new FlushedMark(() => source.resolvedSource);
  const watermark = new WatermarkWriter(disk, mark);
  const sourceOutage = newSourceOutage(logger);
  const watermarkOutage = newSourceOutage(logger);
  const redisOutage = newSourceOutage(logger);
  const scheduler = new RoundScheduler();
  const reconcileIntervalMs = options.reconcileIntervalMs ?? RECONCILE_INTERVAL_MS;
  const enqueuer = new Enqueuer({
    source,
    link,
    window,
    scheduler,
    reconcileIntervalMs,
    sourceOutage,
    redisOutage,
    queueName: queue.name,
  });
  const pump = new Pump({ source, enqueuer, scheduler, watermark, sourceOutage, watermarkOutage });
  const ends = new JobEnds(link, queue.eventsKey);
  const producerStartedAt = Date.now();
  const waits = new ArchiveWaits({
    pump,
    watermark,
    ends,
    sourceOutage,
    watermarkOutage,
    producerStartedAt,
  });
  const outages = { sourceOutage, watermarkOutage, redisOutage };
  return { link, window, mark, watermark, pump, ends, waits, ...outages };
}

async function close({ pump, link, ends }: Parts, logger: Logger): Promise<void> {
  ends.close();
  const stopping = pump.stop();
  try {
    await withDeadline(stopping, CLOSE_DEADLINE_MS, 'writing the last watermark');
  } catch (err) {
    logger.error({ err }, 'closed the producer before its watermark was written');
  } finally {
    link.close();
  }
}

/** Workers drop a job of more segments. */
function assertBatchLimits({ segmentsMax, bytesMax }: BatchLimits): void {
  assertInteger('segmentsMax', segmentsMax, BATCH_SEGMENTS_MAX);
  assertInteger('bytesMax', bytesMax, Number.MAX_SAFE_INTEGER);
}

function assertInteger(name: keyof BatchLimits, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new WalqError('usage', {
    message: `batch.${name} is ${value}; it has to be an integer from 1 to ${max}`,
  });
}

/** A source whose segments are sealed by another rule has no watermark: nobody would read it. */
function assertWatermark({ name, sealedRule }: Source): void {
  if (sealedRule.kind === 'watermark') return;
  const flushedWhen =
    sealedRule.kind === 'ready'
      ? 'PostgreSQL itself marks the files that are ready'
      : `its segments count as flushed once there are ${sealedRule.count} newer ones`;
  throw new WalqError('usage', {
    message: `source '${name}' has no watermark: ${flushedWhen}`,
    hint:
      sealedRule.kind === 'ready'
        ? 'Call reconcile() to scan the source.'
        : 'Call reconcile() to scan the source, or remove skip_newest to use a watermark.',
  });
}

const producerClosed = ({ name }: Source): WalqError =>
  new WalqError('producer-closed', { message: `the producer of source '${name}' is closed` });

const closedWhileWaiting = (): WalqError =>
  new WalqError('cancelled', {
    message: 'the producer was closed while a caller waited for segments to be archived',
    hint: 'No data is lost: the next producer of this source continues.',
  });
