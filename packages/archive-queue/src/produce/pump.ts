/**
 * Behind `flushed()`: brings the watermark to the disk and due segments onto the queue, in rounds.
 *
 * One round at a time, whatever number of flushes asked for it: watermark first, durably; then, when
 * Redis answers, the window. A round that fails is repeated later; the disk holds what it left undone.
 */
import {
  asWalqError,
  createDueView,
  isWalqError,
  openSource,
  type ArchiveStore,
  type Disk,
  readIdentity,
  requireIdentity,
  WalqError,
  type DueView,
  type OpenSource,
  type Source,
} from '@walq/wal-core';
import { checkRedis, type RedisLink } from '../connection/index.ts';
import { fullJitter, Waiters, WakeableSleep } from '../pace/index.ts';
import type { Trouble } from '../trouble/index.ts';
import type { WatermarkWriter } from './watermark-writer.ts';
import type { Window } from './window.ts';

export interface PumpOptions {
  readonly disk: Disk;
  readonly source: Source;
  readonly store: ArchiveStore;
  readonly link: RedisLink;
  readonly window: Window;
  readonly watermark: WatermarkWriter;
  readonly sourceTrouble: Trouble;
  /** What keeps the watermark from the disk: what is due under the one before is archived all the same. */
  readonly watermarkTrouble: Trouble;
  readonly redisTrouble: Trouble;
  readonly reconcileIntervalMs: number;
}

/** A source that was opened, with the view of what is due there. */
export interface OpenView {
  readonly open: OpenSource;
  readonly view: DueView;
}

/** Between rounds that only flushes asked for: bounds the fsyncs of a busy engine's watermark. */
const ROUND_GAP_MS = 50;
const DRAIN_POLL = { shortestMs: 10, longestMs: 250 };
/** However often a failed round is asked to be repeated. */
const RETRY_GAP_MS = 250;
const FAILURE_PAUSE = { firstMs: 500, longestMs: 30_000 };
/** Shorter, because the window goes on to be filled meanwhile. */
const WATERMARK_PAUSE = { firstMs: 500, longestMs: 5_000 };

/** Until when to hold off whatever is asked, and until when to rest unless asked. */
interface Rest {
  readonly holdOffMs: number;
  readonly restMs: number;
}

export class Pump {
  readonly #options: PumpOptions;
  /** Ended only by the end. */
  readonly #gap = new WakeableSleep();
  /** Ended only by what makes a failed round worth repeating: a new connection, or the end. */
  readonly #holdOff = new WakeableSleep();
  readonly #rest = new WakeableSleep();
  #opened: OpenView | undefined;
  #lookWanted = true;
  #reconcileAt = 0;
  /** After a failure of Redis: nothing is enqueued before. */
  #enqueueAt = 0;
  #isRedisFit = false;
  #drainPollMs = DRAIN_POLL.shortestMs;
  #stopped = false;
  #running: Promise<void> | undefined;
  #roundsBegun = 0;
  readonly #awaitingEnd = new Waiters();
  readonly #awaitingWatermark = new Waiters();

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Asks for a round; costs the caller nothing else. */
  wake(): void {
    this.#rest.wake();
  }

  /** As `wake`, and repeats a round soon that failed. */
  hurry(): void {
    const { sourceTrouble, watermarkTrouble } = this.#options;
    const failed = sourceTrouble.current ?? watermarkTrouble.current;
    if (failed !== undefined) this.#holdOff.wake();
    this.#rest.wake();
  }

  /** Asks for a look at the disk as soon as there is room for what it finds, also after a failure. */
  reconcile(): void {
    this.#lookWanted = true;
    this.hurry();
  }

  /** Compares everything anew: a Redis that was away may have come back empty. */
  reconnected(): void {
    this.#isRedisFit = false;
    this.#reconcileAt = 0;
    this.#enqueueAt = 0;
    this.#holdOff.wake();
    this.#rest.wake();
  }

  /** Resolves when a round has ended that began after this call: it knows all that was told before. */
  roundEnd(): Promise<void> {
    return this.#awaitingEnd.wait();
  }

  /** Resolves when a round, perhaps the one under way, has tried to write the watermark. */
  watermarkTry(): Promise<void> {
    return this.#awaitingWatermark.wait();
  }

  get roundsBegun(): number {
    return this.#roundsBegun;
  }

  /** The source as the last good round found it; undefined before the first. */
  get opened(): OpenView | undefined {
    return this.#opened;
  }

  /** Ends after a last round, which writes the watermark. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#gap.wake();
    this.#holdOff.wake();
    this.#rest.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const tellEnd = this.#awaitingEnd.take();
      const { holdOffMs, restMs } = await this.#round();
      tellEnd();
      if (this.#stopped) break;
      await this.#gap.sleep(Math.min(holdOffMs, RETRY_GAP_MS));
      await this.#holdOff.sleep(holdOffMs - RETRY_GAP_MS);
      await this.#rest.sleep(restMs);
    }
    await this.#lastWatermark();
  }

  /** A watermark that cannot be written, on a full disk say, does not keep back what is due without it. */
  async #round(): Promise<Rest> {
    this.#roundsBegun += 1;
    const early = await this.#catchUp();
    try {
      const opened = await this.#openSource();
      const unwritten = early ?? (await this.#catchUp());
      this.#noteWatermark(unwritten);
      this.#awaitingWatermark.tell();
      const rest = await this.#enqueue(opened);
      return unwritten === undefined ? rest : this.#restUnwritten();
    } catch (error) {
      return this.#fail(error);
    } finally {
      this.#awaitingWatermark.tell();
    }
  }

  /** Makes the watermark durable, also while the archive or Redis is down; gives what prevented it. */
  async #catchUp(): Promise<WalqError | undefined> {
    const { watermark, disk, source, store } = this.#options;
    if (!watermark.isBehind) return undefined;
    const before = watermark.durable;
    try {
      const sourceId = this.#opened?.open.sourceId ?? (await readIdentity(disk, source));
      if (sourceId !== undefined) await watermark.catchUp({ source, sourceId, store });
      return undefined;
    } catch (error) {
      return asWalqError(error);
    } finally {
      if (watermark.durable !== before) this.#lookWanted = true;
    }
  }

  #noteWatermark(unwritten: WalqError | undefined): void {
    const { watermarkTrouble } = this.#options;
    if (unwritten === undefined) watermarkTrouble.over();
    else watermarkTrouble.report(unwritten);
  }

  #restUnwritten(): Rest {
    const { failures } = this.#options.watermarkTrouble;
    return { holdOffMs: fullJitter(failures, WATERMARK_PAUSE), restMs: 0 };
  }

  async #enqueue(opened: OpenView): Promise<Rest> {
    if (performance.now() >= this.#reconcileAt) await this.#look(opened);
    this.#options.sourceTrouble.over();
    if (!this.#options.link.isReady) return idleFor(this.#untilMs(this.#reconcileAt));
    if (performance.now() < this.#enqueueAt) return idleFor(this.#untilMs(this.#enqueueAt));
    await this.#refuseUnfitRedis();
    const added = await this.#refill(opened);
    this.#options.redisTrouble.over();
    return this.#restAfter(added);
  }

  /** Asked once for each connection: a Redis may come back with another configuration. */
  async #refuseUnfitRedis(): Promise<void> {
    if (this.#isRedisFit) return;
    await checkRedis(this.#options.link);
    this.#isRedisFit = true;
  }

  async #refill(opened: OpenView): Promise<number> {
    const { window } = this.#options;
    const room = await window.room();
    if (room === 0) return 0;
    if (this.#lookWanted || window.needsLook) await this.#look(opened);
    return window.fill(opened.view, opened.open, room);
  }

  /** An unmounted directory looks like one where nothing is due, so its identity is asked for first. */
  async #look({ view, open }: OpenView): Promise<void> {
    const { disk, source } = this.#options;
    const sourceId = await requireIdentity(disk, source);
    if (sourceId !== open.sourceId) throw becameAnother(source);
    await this.#options.window.look(view);
    this.#lookWanted = false;
    this.#reconcileAt = performance.now() + this.#options.reconcileIntervalMs;
  }

  #restAfter(added: number): Rest {
    if (!this.#options.window.hasMore && !this.#lookWanted) {
      return idleFor(this.#untilMs(this.#reconcileAt));
    }
    const { shortestMs, longestMs } = DRAIN_POLL;
    this.#drainPollMs = added > 0 ? shortestMs : Math.min(longestMs, this.#drainPollMs * 1.5);
    return { holdOffMs: this.#drainPollMs, restMs: 0 };
  }

  #fail(error: unknown): Rest {
    const failure = asWalqError(error);
    if (isWalqError(failure, 'redis-unavailable', 'redis-evicts'))
      return this.#failOfRedis(failure);
    const { sourceTrouble } = this.#options;
    sourceTrouble.report(failure);
    this.#opened = undefined;
    return { holdOffMs: fullJitter(sourceTrouble.failures, FAILURE_PAUSE), restMs: 0 };
  }

  /** Only enqueuing waits: the watermark goes on to the disk. */
  #failOfRedis(failure: WalqError): Rest {
    const { redisTrouble, link } = this.#options;
    // An outage is the link's to log; what Redis answers while it is up, such as OOM, is told here.
    if (link.isReady) redisTrouble.report(failure);
    const pauseMs = fullJitter(redisTrouble.failures, FAILURE_PAUSE);
    this.#enqueueAt = performance.now() + pauseMs;
    return idleFor(pauseMs);
  }

  #untilMs(at: number): number {
    return Math.max(0, at - performance.now());
  }

  async #openSource(): Promise<OpenView> {
    if (this.#opened !== undefined) return this.#opened;
    const { disk, source, store } = this.#options;
    const open = await openSource({ disk, source, store, mayIntroduce: true });
    this.#opened = { open, view: createDueView(disk, open) };
    return this.#opened;
  }

  async #lastWatermark(): Promise<void> {
    await this.#catchUp();
    if (!this.#options.watermark.isBehind) return;
    try {
      await this.#openSource();
      this.#noteWatermark(await this.#catchUp());
    } catch (error) {
      this.#options.sourceTrouble.report(asWalqError(error));
    }
  }
}

const idleFor = (restMs: number): Rest => ({ holdOffMs: ROUND_GAP_MS, restMs });

const becameAnother = (source: Source): WalqError =>
  new WalqError('source-unavailable', {
    message: `source '${source.name}' carries another identity than before at ${source.directory}`,
  });
