/**
 * Behind `flushed()`: brings the watermark to the disk and due segments onto the queue, in rounds.
 *
 * One round at a time, whatever number of flushes asked for it: watermark first, durably; then, when
 * Redis answers, the window. A round that fails is repeated later; the disk holds what it left undone.
 */
import {
  asWalqError,
  type SourceOpener,
  type OpenView,
  type OutageState,
  type WalqError,
} from '@walq/wal-core/internal';
import { isRedisFailure } from '../connection/redis-errors.ts';
import type { Enqueuer } from './enqueuer.ts';
import {
  failurePauseMs,
  delayFor,
  pauseUnwritten,
  type RoundPause,
  type RoundScheduler,
} from './round-scheduler.ts';
import type { WatermarkWriter } from './watermark-writer.ts';

export interface PumpOptions {
  readonly source: SourceOpener;
  readonly enqueuer: Enqueuer;
  readonly scheduler: RoundScheduler;
  readonly watermark: WatermarkWriter;
  readonly sourceOutage: OutageState<WalqError>;
  /** What keeps the watermark from the disk: what is due under the one before is archived all the same. */
  readonly watermarkOutage: OutageState<WalqError>;
}

export class Pump {
  readonly #options: PumpOptions;
  readonly #awaitingEnd = new Waiters();
  readonly #awaitingWatermark = new Waiters();
  #roundsBegun = 0;
  #roundBeganMs: number | undefined;
  #stopped = false;
  #running: Promise<void> | undefined;

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Asks for a round; costs the caller nothing else. */
  wake(): void {
    this.#options.scheduler.wake();
  }

  /** As `wake`, and repeats a round soon that failed. */
  hurry(): void {
    const { sourceOutage, watermarkOutage, scheduler } = this.#options;
    const failed = sourceOutage.current ?? watermarkOutage.current;
    if (failed === undefined) scheduler.wake();
    else scheduler.repeatSoon();
  }

  /** Asks for a look at the disk as soon as there is room for what it finds, also after a failure. */
  reconcile(): void {
    this.#options.enqueuer.requestScan();
    this.hurry();
  }

  /** Compares everything anew. */
  reconnected(): void {
    this.#options.enqueuer.startOver();
    this.#options.scheduler.repeatSoon();
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

  /** How long the round under way has lasted; 0 between two. */
  get roundMs(): number {
    return this.#roundBeganMs === undefined ? 0 : performance.now() - this.#roundBeganMs;
  }

  /** The source as the last good round found it; undefined before the first. */
  get opened(): OpenView | undefined {
    return this.#options.source.current;
  }

  /** Ends after a last round, which writes the watermark. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#options.scheduler.end();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const notifyEnd = this.#awaitingEnd.take();
      const rest = await this.#round();
      notifyEnd();
      if (!this.#stopped) await this.#options.scheduler.wait(rest);
    }
    await this.#lastWatermark();
  }

  async #round(): Promise<RoundPause> {
    this.#roundsBegun += 1;
    this.#roundBeganMs = performance.now();
    try {
      const { opened, unwritten } = await this.#prepare();
      const rest = await this.#options.enqueuer.enqueue(opened);
      if (unwritten === undefined) return rest;
      return pauseUnwritten(this.#options.watermarkOutage.failures);
    } catch (error) {
      return this.#fail(asWalqError(error));
    } finally {
      this.#roundBeganMs = undefined;
      this.#awaitingWatermark.tell();
    }
  }

  /** A watermark that cannot be written, on a full disk say, does not keep back what is due without it. */
  async #prepare(): Promise<{ opened: OpenView; unwritten: WalqError | undefined }> {
    const { source, watermarkOutage } = this.#options;
    const early = await this.#catchUp();
    const opened = await source.open();
    const unwritten = early ?? (await this.#catchUp());
    if (unwritten !== undefined) await source.assertSameSource(opened);
    if (unwritten === undefined) watermarkOutage.clear();
    else watermarkOutage.report(unwritten);
    this.#awaitingWatermark.tell();
    return { opened, unwritten };
  }

  /** Makes the watermark durable, also while the archive or Redis is down; gives what prevented it. */
  async #catchUp(): Promise<WalqError | undefined> {
    const { watermark, source, enqueuer } = this.#options;
    if (!watermark.isBehind) return undefined;
    const before = watermark.durable;
    try {
      const marked = await source.marked();
      if (marked !== undefined) await watermark.catchUp(marked);
      return undefined;
    } catch (error) {
      return asWalqError(error);
    } finally {
      if (watermark.durable !== before) enqueuer.requestScan();
    }
  }

  #fail(failure: WalqError): RoundPause {
    const { source, enqueuer, sourceOutage } = this.#options;
    if (isRedisFailure(failure)) return enqueuer.failed(failure);
    sourceOutage.report(failure);
    source.forget();
    return delayFor(failurePauseMs(sourceOutage.failures));
  }

  /** The archive is asked only by a source that has no identity yet. */
  async #lastWatermark(): Promise<void> {
    await this.#catchUp();
    if (!this.#options.watermark.isBehind) return;
    try {
      await this.#prepare();
    } catch (error) {
      this.#options.sourceOutage.report(asWalqError(error));
    }
  }
}

/** Those who wait for something that happens again and again. */
class Waiters {
  #waiting: (() => void)[] = [];

  /** Resolves when those who wait now are told. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  tell(): void {
    this.take()();
  }

  /** Takes those who wait by now, to be told later; who comes after them waits for the next. */
  take(): () => void {
    const taken = this.#waiting;
    this.#waiting = [];
    return () => {
      for (const tell of taken.splice(0)) tell();
    };
  }
}
