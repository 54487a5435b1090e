/** The flush side's whole interface: what a storage engine embeds. */
import {
  nodeDisk,
  WalqError,
  type ArchiveStore,
  type BatchReport,
  type Disk,
  type FailureRecord,
  type Source,
} from '@walq/wal-core';
import type { Logger } from 'pino';
import { RedisLink, type RedisPlace } from '../connection/index.ts';
import { queueNameOf } from '../job/index.ts';
import { withDeadline } from '../pace/index.ts';
import { ArchiveQueue } from '../queue/index.ts';
import { awaitArchived } from './await-archived.ts';
import { FlushedMark, markOf } from './flushed-mark.ts';
import { Pump } from './pump.ts';
import { Trouble } from '../trouble/index.ts';
import { WatermarkWriter } from './watermark-writer.ts';
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
  readonly redis: 'ok' | 'unreachable';
  /** Why nothing, or nothing more, is enqueued: the source, its archive, its watermark, or an unfit Redis. */
  readonly stopped: FailureRecord | undefined;
}

const WINDOW_MAX = 512;
const RECONCILE_INTERVAL_MS = 30_000;
const CLOSE_DEADLINE_MS = 5_000;

export function createProducer(options: ProducerOptions): Producer {
  const { source, store, redis, queueName = 'wal-archive', disk = nodeDisk } = options;
  const logger = options.logger.child({ source: source.name });
  const link = new RedisLink({ place: redis, logger, onReady: () => pump.reconnected() });
  const queue = new ArchiveQueue(link, queueNameOf(queueName, source.name));
  const window = new Window({ disk, queue, sizeMax: options.windowMax ?? WINDOW_MAX });
  const mark = new FlushedMark(source);
  const watermark = new WatermarkWriter(disk, mark);
  const sourceTrouble = new Trouble(logger);
  const watermarkTrouble = new Trouble(logger);
  const reconcileIntervalMs = options.reconcileIntervalMs ?? RECONCILE_INTERVAL_MS;
  const redisTrouble = new Trouble(logger);
  const pump = new Pump({
    disk,
    source,
    store,
    link,
    window,
    watermark,
    sourceTrouble,
    watermarkTrouble,
    redisTrouble,
    reconcileIntervalMs,
  });
  const producerStartedAt = Date.now();
  const closing = new AbortController();
  let closed: Promise<void> | undefined;
  pump.start();

  const flushed = (upTo: string | bigint): void => {
    if (closing.signal.aborted) throw producerClosed(source);
    refuseWithoutWatermark(source);
    if (mark.advance(upTo)) pump.wake();
  };
  const flushedAndArchived: Producer['flushedAndArchived'] = async (upTo, { signal } = {}) => {
    flushed(upTo);
    const signals = [...(signal === undefined ? [] : [signal]), closing.signal];
    const wanted = { mark: markOf(source, upTo), signals, producerStartedAt };
    return awaitArchived({ disk, pump, watermark, sourceTrouble, watermarkTrouble, ...wanted });
  };
  return {
    flushed,
    flushedAndArchived,
    flush: async (upTo) => {
      if (options.archiveAsync === false) return flushedAndArchived(upTo);
      flushed(upTo);
      return undefined;
    },
    reconcile: () => pump.reconcile(),
    state: () => ({
      flushedUpTo: mark.highest?.name ?? mark.highest?.number.toString(),
      watermark: watermark.durable?.name,
      dueCount: window.dueCount,
      redis: link.isReady ? 'ok' : 'unreachable',
      stopped: sourceTrouble.current ?? watermarkTrouble.current ?? redisTrouble.current,
    }),
    close: () => {
      closing.abort(closedWhileWaiting());
      return (closed ??= close(pump, link, logger));
    },
  };
}

async function close(pump: Pump, link: RedisLink, logger: Logger): Promise<void> {
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
function refuseWithoutWatermark({ name, sealedRule }: Source): void {
  if (sealedRule.kind === 'watermark') return;
  throw new WalqError('usage', {
    message: `source '${name}' has no watermark: its segments are flushed once ${sealedRule.count} newer ones are there`,
    hint: 'Remove skip_newest from the source to say yourself what is flushed; or call reconcile().',
  });
}

const producerClosed = ({ name }: Source): WalqError =>
  new WalqError('producer-closed', { message: `the producer of source '${name}' is closed` });

const closedWhileWaiting = (): WalqError =>
  new WalqError('cancelled', {
    message: 'the producer was closed while it waited for segments to be archived',
    hint: 'Nothing is lost: the next producer of this source goes on.',
  });
