/**
 * `flushedAndArchived()`: waits until no segment up to a given one is due, and reports the outcome of each. Both are read
 * from the disk and the archive, never from the queue, which may have been lost: the end of a job only says when to read.
 */
import {
  compareSegments,
  isWalqError,
  summarize,
  type BatchReport,
  type OpenView,
  type OutageState,
  type SegmentName,
  type SegmentReport,
  type WalqError,
} from '@walq/wal-core/internal';
import { setTimeout as sleep } from 'node:timers/promises';
import { unlessAborted } from '../deadline.ts';
import type { JobEnds } from '../queue/job-ends.ts';
import { combined } from './combined.ts';
import type { Pump } from './pump.ts';
import { endedAmong } from './segment-outcome.ts';
import type { Mark, WatermarkWriter } from './watermark-writer.ts';

export interface AwaitOptions {
  readonly pump: Pump;
  readonly watermark: WatermarkWriter;
  readonly ends: JobEnds;
  readonly sourceOutage: OutageState<WalqError>;
  readonly watermarkOutage: OutageState<WalqError>;
  /** When this producer started, in milliseconds since 1970. Segments archived before are `already-archived`. */
  readonly producerStartedAt: number;
}

/** Where the ends of jobs are not noticed: polls rarely while many segments are left, and often near the end. */
const POLL = { shortestMs: 15, longestMs: 150, msForEach: 5 };
/** As many as the largest batch. */
const CHECKED_AT_ONCE = 64;
/** Reading takes at most a fifth of this process's time. */
const PAUSE_FACTOR = 4;
/** Delay before a source or an archive that was unavailable is read again. */
const RETRY_MS = 250;

/** The waits of one producer. However many there are, they read the disk together. */
export class ArchiveWaits {
  readonly #options: AwaitOptions;
  readonly #dueUpTo: (upTo: SegmentName) => Promise<readonly SegmentName[]>;
  readonly #endedAmong: (
    segments: readonly SegmentName[],
  ) => Promise<ReadonlyMap<string, SegmentReport>>;

  constructor(options: AwaitOptions) {
    this.#options = options;
    this.#dueUpTo = combined((bounds) => this.#scan(bounds), 0);
    this.#endedAmong = combined((asked) => this.#check(asked.flat()), PAUSE_FACTOR);
  }

  /**
   * Each of the signals ends the wait at once with its own reason, also where a round is delayed or a read hangs on a
   * dead mount.
   */
  async wait(mark: Mark, signals: readonly AbortSignal[]): Promise<BatchReport> {
    const unlisten = this.#options.ends.listen();
    try {
      return await unlessAborted(this.#waitForAll(mark, signals), signals);
    } finally {
      unlisten();
    }
  }

  async #waitForAll(mark: Mark, signals: readonly AbortSignal[]): Promise<BatchReport> {
    const startedMs = performance.now();
    await this.#recheck();
    const upTo = await this.#watermarkOf(mark, signals);
    const reports = upTo === undefined ? [] : await this.#untilArchived(upTo, signals);
    return summarize(reports, Math.round(performance.now() - startedMs));
  }

  /** What stopped the source before may have been fixed since: a new round decides. */
  async #recheck(): Promise<void> {
    const { pump, sourceOutage, watermarkOutage } = this.#options;
    if ((sourceOutage.current ?? watermarkOutage.current) === undefined) return;
    const ended = pump.roundEnd();
    pump.hurry();
    await ended;
  }

  /** Waits until the watermark is durable: before that, no segment is due. The flush has requested the round. */
  async #watermarkOf(
    mark: Mark,
    signals: readonly AbortSignal[],
  ): Promise<SegmentName | undefined> {
    const { watermark, watermarkOutage, pump } = this.#options;
    const begunBefore = pump.roundsBegun;
    while (!watermark.covers(mark)) {
      // Only a round that began after this call says whether its own watermark can be written.
      const hasNewRound = pump.roundsBegun > begunBefore;
      this.#assertWorthWaiting(signals, ...(hasNewRound ? [watermarkOutage] : []));
      await pump.watermarkTry();
    }
    return mark.name === undefined ? watermark.durable : mark;
  }

  async #untilArchived(
    upTo: SegmentName,
    signals: readonly AbortSignal[],
  ): Promise<SegmentReport[]> {
    const { ends } = this.#options;
    let seen = ends.count;
    const due = await this.#whenAvailable(signals, () => this.#dueUpTo(upTo));
    const awaited = due.filter((segment) => compareSegments(segment, upTo) <= 0);
    const left = new Map(awaited.map((segment) => [segment.name, segment]));
    const reports = new Map<string, SegmentReport>();
    for (let isEnding = false; left.size > 0;) {
      if (!isEnding && this.#announcedAmong(left).length === 0) {
        await ends.after(seen, this.#pollMs(left.size));
      }
      seen = ends.count;
      const some = this.#nextOf(left);
      const ended = await this.#whenAvailable(signals, () => this.#endedAmong(some));
      // It also has those that other callers asked for.
      for (const [name, report] of ended) if (left.delete(name)) reports.set(name, report);
      for (const { name } of some) ends.forget(name);
      isEnding = some.every(({ name }) => ended.has(name));
    }
    return awaited.flatMap(({ name }) => reports.get(name) ?? []);
  }

  /** Those that jobs said they archived or, where there are none, the lowest. */
  #nextOf(left: ReadonlyMap<string, SegmentName>): readonly SegmentName[] {
    const announced = this.#announcedAmong(left);
    return announced.length > 0 ? announced : firstOf(left.values());
  }

  #announcedAmong(left: ReadonlyMap<string, SegmentName>): readonly SegmentName[] {
    const { announced } = this.#options.ends;
    if (announced.size < left.size)
      return firstOf(mapped(announced.keys(), (name) => left.get(name)));
    return firstOf(mapped(left.values(), (one) => (announced.has(one.name) ? one : undefined)));
  }

  #pollMs(left: number): number {
    const { shortestMs, longestMs, msForEach } = POLL;
    if (this.#options.ends.isFollowing) return longestMs;
    return Math.max(shortestMs, Math.min(longestMs, left * msForEach));
  }

  async #scan(bounds: readonly SegmentName[]): Promise<readonly SegmentName[]> {
    const { view } = await this.#open();
    const highest = bounds.reduce((a, b) => (compareSegments(a, b) < 0 ? b : a));
    return (await view.scan(Number.MAX_SAFE_INTEGER, highest)).due;
  }

  async #check(asked: readonly SegmentName[]): Promise<ReadonlyMap<string, SegmentReport>> {
    const { ends, producerStartedAt } = this.#options;
    const opened = await this.#open();
    const segments = [...new Map(asked.map((segment) => [segment.name, segment])).values()];
    return endedAmong(opened, segments, producerStartedAt, ends.announced);
  }

  /** Reads the source and its archive, again and again until both are available. */
  async #whenAvailable<T>(signals: readonly AbortSignal[], read: () => Promise<T>): Promise<T> {
    for (;;) {
      this.#assertWorthWaiting(signals);
      try {
        return await read();
      } catch (error) {
        if (!isWorthWaiting(error)) throw error;
      }
      await sleep(RETRY_MS);
    }
  }

  async #open(): Promise<OpenView> {
    const { pump } = this.#options;
    while (pump.opened === undefined) {
      this.#assertWorthWaiting([]);
      await pump.roundEnd();
    }
    return pump.opened;
  }

  /** Throws if an operator has to act first; a failure that passes by itself is waited for. */
  #assertWorthWaiting(
    signals: readonly AbortSignal[],
    ...others: readonly OutageState<WalqError>[]
  ): void {
    for (const signal of signals) signal.throwIfAborted();
    for (const { current } of [this.#options.sourceOutage, ...others]) {
      if (current?.class === 'refused') throw current;
    }
  }
}

/** The first that are defined, as many as are checked at once. */
function firstOf<T>(values: Iterable<T | undefined>): readonly T[] {
  const first: T[] = [];
  for (const value of values) {
    if (value !== undefined) first.push(value);
    if (first.length === CHECKED_AT_ONCE) break;
  }
  return first;
}

function* mapped<A, B>(values: Iterable<A>, to: (value: A) => B): Generator<B> {
  for (const value of values) yield to(value);
}

const isWorthWaiting = (error: unknown): boolean =>
  isWalqError(error) && error.class === 'retryable' && error.code !== 'unexpected';
