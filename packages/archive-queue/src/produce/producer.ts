/** The flush side's whole interface: what a storage engine embeds. */
import {
  nodeDisk,
  SourceOpener,
  toFailureRecord,
  WalqError,
  type ArchiveStore,
  type BatchReport,
  type Disk,
  type FailureRecord,
  type Source,
} from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import { newSourceOutage } from '../outages.ts';
import { RedisLink, type RedisState } from '../connection/redis-link.ts';
import type { RedisPlace } from '../connection/redis-settings.ts';
import { queueNameOf } from '../job/archive-job.ts';
import { withDeadline } from '../deadline.ts';
import { ArchiveQueue } from '../queue/archive-queue.ts';
import type { QueueTelemetry } from '../queue/queue-telemetry.ts';
import { awaitArchived } from './await-archived.ts';
import { Enqueuer } from './enqueuer.ts';
import { Pump } from './pump.ts';
import { RoundScheduler } from './round-scheduler.ts';
import { FlushedMark, markOf, WatermarkWriter } from './watermark-writer.ts';
import { Window } from './window.ts';

export interface ProducerOptions {
  readonly source: Source;
  /** The archive of this source. */
  readonly store: ArchiveStore;
  readonly redis: RedisPlace;
  readonly logger: Logger;
  /** First part of the queue's name; the source's name is the second. @default 'wal-archive' */
  readonly queueName?: string;
  /** @default the filesystem */
  readonly disk?: Disk;
  /** How many jobs may wait or be active in Redis; the disk holds the rest. @default 512 */
  readonly windowMax?: number;
  /** What `flush` does: only announces (true), or waits for the archiving (false). @default true */
  readonly archiveAsync?: boolean;
  /** How often the disk is compared with the queue unasked, in milliseconds. @default 30000 */
  readonly reconcileIntervalMs?: number;
  /** Traces segments over the queue, see `createQueueTelemetry`. @default none */
  readonly telemetry?: QueueTelemetry | undefined;
}

export interface Producer {
  /**
   * Says that everything up to and including a segment is flushed. Returns at once: does no I/O, and
   * is the same while Redis is down. Going backwards is no error and does nothing.
   *
   * @throws WalqError `usage` when the text is not a name of a segment of this source, or the source's
   * segments are flushed once newer ones are there, so that nobody has to say so; `producer-closed`
   */
  flushed(upTo: string | bigint): void;

  /**
   * As `flushed`, and resolves when no due segment up to there is left to archive: each is in the
   * archive or quarantined, as the report says. Waits while Redis or the archive is down.
   *
   * @throws WalqError as `flushed`; `source-reset` and others of class `refused`; `cancelled` when the
   * producer is closed meanwhile; the signal's reason when aborted
   */
  flushedAndArchived(
    upTo: string | bigint,
    options?: { signal?: AbortSignal },
  ): Promise<BatchReport>;

  /**
   * What an engine's own flush calls, as `wal.archive_async` says: `flushed`, resolving at once, or
   * `flushedAndArchived`. Undefined where nothing was waited for.
   */
  flush(upTo: string | bigint): Promise<BatchReport | undefined>;

  /**
   * Looks at the disk soon, as for a source whose watermark something else writes. Costs at most a look
   * for each time that the queue has room, however often it is called.
   */
  reconcile(): void;

  state(): ProducerState;

  /** Writes the watermark and ends; within 5 s also while Redis is down or a disk hangs. */
  close(): Promise<void>;
}

export interface ProducerState {
  /** The highest that `flushed` was told, by name or else by number; undefined before the first. */
  readonly flushedUpTo: string | undefined;
  /** The watermark on the disk, as far as this producer wrote it. */
  readonly watermark: string | undefined;
  /** Due segments when the disk was last looked at. */
  readonly dueCount: number;
  /** Whether this producer could write to Redis when it last did. */
  readonly redis: RedisState;
  /** Why `redis` is not `ok`. */
  readonly redisProblem: string | undefined;
  /** How long the round under way has lasted, in milliseconds; 0 between two. */
  readonly roundMs: number;
  /** Why nothing, or nothing more, is enqueued: the source, its archive, its watermark, or an unfit Redis. */
  readonly stopped: FailureRecord | undefined;
  /** Since when, in milliseconds since 1970. */
  readonly stoppedSince: number | undefined;
}

const WINDOW_MAX = 512;
const RECONCILE_INTERVAL_MS = 30_000;
const CLOSE_DEADLINE_MS = 5_000;

export function createProducer(options: ProducerOptions): Producer {
  return new QueueProducer(options);
}

class QueueProducer implements Producer {
  readonly #options: ProducerOptions;
  readonly #parts: Parts;
  readonly #logger: Logger;
  readonly #startedAt = Date.now();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ source: options.source.name });
    this.#parts = assemble(options, this.#logger);
    this.#parts.pump.start();
  }

  flushed(upTo: string | bigint): void {
    const { source } = this.#options;
    if (this.#closing.signal.aborted) throw producerClosed(source);
    assertWatermark(source);
    if (this.#parts.mark.advance(upTo)) this.#parts.pump.wake();
  }

  async flushedAndArchived(
    upTo: string | bigint,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<BatchReport> {
    this.flushed(upTo);
    const closing = this.#closing.signal;
    return awaitArchived({
      ...this.#parts,
      disk: this.#options.disk ?? nodeDisk,
      mark: markOf(this.#options.source, upTo),
      signals: signal === undefined ? [closing] : [signal, closing],
      producerStartedAt: this.#startedAt,
    });
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
    const { mark, watermark, window, link, pump, ...outages } = this.#parts;
    const { sourceOutage, watermarkOutage, redisOutage } = outages;
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

  close(): Promise<void> {
    this.#closing.abort(closedWhileWaiting());
    return (this.#closed ??= close(this.#parts, this.#logger));
  }
}

type Parts = ReturnType<typeof assemble>;

/** Wires the parts of a producer together; nothing runs yet but the connection to Redis. */
function assemble(options: ProducerOptions, logger: Logger) {
  const { source: at, store, redis: place, queueName = 'wal-archive', disk = nodeDisk } = options;
  const link = new RedisLink({ place, logger, queueName, onReady: () => pump.reconnected() });
  const queue = new ArchiveQueue(link, queueNameOf(queueName, at.name), {
    telemetry: options.telemetry,
  });
  const window = new Window(disk, queue, options.windowMax ?? WINDOW_MAX);
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
  return { link, window, mark, watermark, pump, sourceOutage, watermarkOutage, redisOutage };
}

async function close({ pump, link }: Parts, logger: Logger): Promise<void> {
  const stopping = pump.stop();
  try {
    await withDeadline(stopping, CLOSE_DEADLINE_MS, 'writing the last watermark');
  } catch (err) {
    logger.error({ err }, 'closing the producer before its watermark was written');
  } finally {
    link.close();
  }
}

/** Where segments count as flushed by their number, a watermark would say something that nobody reads. */
function assertWatermark({ name, sealedRule }: Source): void {
  if (sealedRule.kind === 'watermark') return;
  const flushedWhen =
    sealedRule.kind === 'ready'
      ? 'PostgreSQL says itself which of its files are ready'
      : `its segments are flushed once ${sealedRule.count} newer ones are there`;
  throw new WalqError('usage', {
    message: `source '${name}' has no watermark: ${flushedWhen}`,
    hint:
      sealedRule.kind === 'ready'
        ? 'Call reconcile() to have it looked at.'
        : 'Remove skip_newest from the source to say yourself what is flushed; or call reconcile().',
  });
}

const producerClosed = ({ name }: Source): WalqError =>
  new WalqError('producer-closed', { message: `the producer of source '${name}' is closed` });

const closedWhileWaiting = (): WalqError =>
  new WalqError('cancelled', {
    message: 'the producer was closed while it waited for segments to be archived',
    hint: 'Nothing is lost: the next producer of this source goes on.',
  });
