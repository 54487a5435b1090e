/**
 * The background loop of a producer: writes the watermark to the disk and enqueues due segments, in rounds.
 *
 * One round runs at a time, however many flushes requested it: it makes the watermark durable and, if Redis is available,
 * fills the window. The disk and Redis are read while the watermark is written, but no job is added before it is durable.
 * A round that fails is repeated later; the disk still has the segments.
 */
import {
  asWalqError,
  type SourceOpener,
  type OpenView,
  type OutageState,
  type SegmentName,
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
import type { Marking, WatermarkWriter } from './watermark-writer.ts';

export interface PumpOptions {
  readonly source: SourceOpener;
  readonly enqueuer: Enqueuer;
  readonly scheduler: RoundScheduler;
  readonly watermark: WatermarkWriter;
  readonly sourceOutage: OutageState<WalqError>;
  /** Failures to write the watermark. Segments that are due by the previous watermark are still enqueued. */
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

  /** Requests a round: at once for a caller that waits for it. O(1), no I/O. */
  wake(how: 'gather' | 'now' = 'gather'): void {
    this.#options.scheduler.wake(how);
  }

  /** As `wake`; also repeats a failed round soon. */
  hurry(): void {
    const { sourceOutage, watermarkOutage, scheduler } = this.#options;
    const failed = sourceOutage.current ?? watermarkOutage.current;
    scheduler.wake(failed === undefined ? 'gather' : 'repeat');
  }

  /** Requests a scan of the disk as soon as the queue has room, also after a failure. */
  reconcile(): void {
    this.#options.enqueuer.requestScan();
    this.hurry();
  }

  /** Compares queue and disk again from the start. */
  reconnected(): void {
    const { enqueuer, scheduler } = this.#options;
    enqueuer.startOver();
    scheduler.wake('repeat');
  }

  /** Resolves when a round that began after this call has ended. */
  roundEnd(): Promise<void> {
    return this.#awaitingEnd.wait();
  }

  /** Resolves when a round, possibly the current one, has tried to write the watermark. */
  watermarkTry(): Promise<void> {
    return this.#awaitingWatermark.wait();
  }

  get roundsBegun(): number {
    return this.#roundsBegun;
  }

  /** How long the current round has taken so far, in milliseconds; 0 between rounds. */
  get roundMs(): number {
    return this.#roundBeganMs === undefined ? 0 : performance.now() - this.#roundBeganMs;
  }

  /** The source as the last successful round opened it; undefined before the first. */
  get opened(): OpenView | undefined {
    return this.#options.source.current;
  }

  /** Stops after writing the watermark. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#options.scheduler.wake('end');
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const notifyEnd = this.#awaitingEnd.take();
      const pause = await this.#round();
      notifyEnd();
      if (!this.#stopped) await this.#options.scheduler.wait(pause);
    }
    await this.#lastWatermark();
  }

  async #round(): Promise<RoundPause> {
    this.#options.scheduler.begin();
    this.#roundsBegun += 1;
    this.#roundBeganMs = performance.now();
    try {
      return await this.#markAndEnqueue();
    } catch (error) {
      return this.#fail(asWalqError(error));
    } finally {
      this.#roundBeganMs = undefined;
      this.#awaitingWatermark.notify();
    }
  }

  /** If the watermark cannot be written, for example on a full disk, what is due without it is still enqueued. */
  async #markAndEnqueue(): Promise<RoundPause> {
    const { source, watermark, watermarkOutage, enqueuer } = this.#options;
    const { current } = source;
    const segment = current && watermark.next(current.open.source);
    const written = this.#catchUp(segment);
    const during = current && segment && this.#enqueue(current, { segment, written });
    const [prepared, enqueued] = await Promise.allSettled([this.#prepare(written), during]);
    const { opened, unwritten } = valueOf(prepared);
    // Another process may have written a higher watermark.
    const isScanned = unwritten === undefined && watermark.durable?.name === segment?.name;
    const pause = isScanned ? valueOf(enqueued) : undefined;
    if (pause !== undefined) return pause;
    if (during !== undefined) enqueuer.requestScan();
    const pauseWithout = await this.#enqueue(opened);
    return unwritten === undefined ? pauseWithout : pauseUnwritten(watermarkOutage.failures);
  }

  async #prepare(
    written: Promise<WalqError | undefined>,
  ): Promise<{ opened: OpenView; unwritten: WalqError | undefined }> {
    const { source, watermarkOutage } = this.#options;
    const isNew = source.current === undefined;
    const early = await written;
    const opened = await source.open();
    // A new source may have had no identity before.
    const unwritten = early ?? (isNew ? await this.#catchUp() : undefined);
    if (unwritten !== undefined) await source.assertSameSource(opened);
    if (unwritten === undefined) watermarkOutage.clear();
    else watermarkOutage.report(unwritten);
    this.#awaitingWatermark.notify();
    return { opened, unwritten };
  }

  /**
   * Makes the watermark durable, also while the archive or Redis is down; returns the failure, if any.
   *
   * @param scanned what the disk is scanned for at the same time
   */
  async #catchUp(scanned?: SegmentName): Promise<WalqError | undefined> {
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
      const { durable } = watermark;
      if (durable !== before && durable?.name !== scanned?.name) enqueuer.requestScan();
    }
  }

  async #enqueue(opened: OpenView, marking?: Marking): Promise<RoundPause> {
    const { enqueuer } = this.#options;
    try {
      return await enqueuer.enqueue(opened, marking);
    } catch (error) {
      const failure = asWalqError(error);
      if (!isRedisFailure(failure)) throw failure;
      return enqueuer.failed(failure);
    }
  }

  #fail(failure: WalqError): RoundPause {
    const { source, sourceOutage } = this.#options;
    sourceOutage.report(failure);
    source.forget();
    return delayFor(failurePauseMs(sourceOutage.failures));
  }

  /** Reads the archive only if the source has no identity yet. */
  async #lastWatermark(): Promise<void> {
    await this.#catchUp();
    if (!this.#options.watermark.isBehind) return;
    try {
      await this.#prepare(this.#catchUp());
    } catch (error) {
      this.#options.sourceOutage.report(asWalqError(error));
    }
  }
}

function valueOf<T>(ended: PromiseSettledResult<T>): T {
  if (ended.status === 'rejected') throw ended.reason;
  return ended.value;
}

/** Promises that wait for the next occurrence of a repeated event. */
class Waiters {
  #waiting: (() => void)[] = [];

  /** Resolves at the next `notify`, or when the function that `take` returned is called. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  notify(): void {
    this.take()();
  }

  /** Returns a function that resolves those waiting now; later ones wait for the next occurrence. */
  take(): () => void {
    const taken = this.#waiting;
    this.#waiting = [];
    return () => {
      for (const resolve of taken.splice(0)) resolve();
    };
  }
}
