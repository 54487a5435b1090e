/**
 * The part of the backlog that is on the queue: a limited number of the lowest due segments, in batches.
 *
 * A scan of the disk returns candidates, lowest first, which are enqueued as the queue drains. Those that have a job are
 * left out: the names in waiting and active jobs are read before the disk is scanned, so that a segment whose job ends in
 * between is not found due. Delayed segments do not count against the limit.
 */
import {
  batchesOf,
  isMisread,
  isMissing,
  segmentPath,
  sourceFailure,
  type BatchLimits,
  type Disk,
  type DueView,
  type OpenSource,
  type SegmentName,
} from '@walq/wal-core/internal';
import { hostname } from 'node:os';
import {
  JOB_VERSION,
  LONGEST_DELAY_MS,
  type ArchiveJob,
  type BatchSegment,
} from '../job/archive-job.ts';
import type { ArchiveQueue } from '../queue/archive-queue.ts';
import type { Marking } from './watermark-writer.ts';

const host = hostname();

/** Segments that are added by one call. */
const ADDED_AT_ONCE = 512;
const CANDIDATES_MAX = 4_096;
/** A scan returns extra candidates for segments that have jobs, which it may find again; this limits how many. */
const STEPPED_OVER_MAX = 60_000;
/**
 * A segment that is due although its job has ended, because a worker of another version dropped it, is not added again
 * sooner: two such programs would otherwise keep each other busy.
 */
export const ADDED_AGAIN_AFTER_MS = 1_000;

export interface WindowOptions {
  readonly disk: Disk;
  readonly queue: ArchiveQueue;
  /** How many segments may have waiting or active jobs before no more are added. */
  readonly sizeMax: number;
  readonly batch: BatchLimits;
}

export class Window {
  readonly #options: WindowOptions;
  #candidates: readonly SegmentName[] = [];
  #next = 0;
  #isTruncated = false;
  #addedSinceScan = 0;
  #delayed = 0;
  #dueCount = 0;
  /** When a segment was last added, by the monotonic clock. */
  readonly #addedMs = new Map<string, number>();
  #isPostponed = false;
  #isFull = false;

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** How many segments were due at the latest scan. */
  get dueCount(): number {
    return this.#dueCount;
  }

  /** True if the latest scan left out segments that were added a moment before. */
  get isPostponed(): boolean {
    return this.#isPostponed;
  }

  /** True if there was no room when it was last read. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** True while there are segments to add when there is room. */
  get hasMore(): boolean {
    return this.#hasCandidates || this.needsScan;
  }

  /** True if all candidates are used and the scan had found more due segments than it returned. */
  get needsScan(): boolean {
    return !this.#hasCandidates && this.#isTruncated && this.#addedSinceScan > 0;
  }

  /** The segments that have a waiting or active job now. */
  async held({ sourceId }: OpenSource): Promise<ReadonlySet<string>> {
    return this.#options.queue.held(sourceId);
  }

  /** Scans the disk and starts again with the lowest due segments that have no job. `held` was read before. */
  async scan(view: DueView, held: ReadonlySet<string>, marking?: SegmentName): Promise<void> {
    const steppedOver = Math.min(this.#delayed + held.size, STEPPED_OVER_MAX);
    const { due, dueCount } = await view.scan(CANDIDATES_MAX + steppedOver, undefined, marking);
    this.#forgetOld();
    const withoutJob = due.filter(({ name }) => !held.has(name));
    this.#candidates = withoutJob.filter(({ name }) => !this.#addedMs.has(name));
    this.#isPostponed = this.#candidates.length < withoutJob.length;
    this.#next = 0;
    this.#addedSinceScan = 0;
    this.#isTruncated = dueCount > due.length;
    this.#dueCount = dueCount;
  }

  /** Redis may have lost what was added. */
  startOver(): void {
    this.#addedMs.clear();
  }

  /** If a clock was set back, for example by an hour, delayed jobs would be overdue by that hour. */
  async promoteOverdue(): Promise<void> {
    await this.#options.queue.retryMistimed(LONGEST_DELAY_MS);
  }

  /** How many segments may be added now: 0 while the window is more than half full. */
  async room(): Promise<number> {
    const { queue, sizeMax } = this.#options;
    const { waiting, active, delayed } = await queue.counts();
    this.#delayed = delayed;
    const queued = waiting + active;
    this.#isFull = queued > sizeMax / 2;
    return this.#isFull ? 0 : sizeMax - queued;
  }

  /**
   * Adds candidates until the room is used or none is left; returns the number added. Adds none before the watermark is
   * durable, because a worker would drop them, and none if it cannot be written.
   */
  async fill(open: OpenSource, room: number, marking?: Marking): Promise<number> {
    let added = 0;
    while (added < room && this.#hasCandidates) {
      const end = this.#next + Math.min(ADDED_AT_ONCE, room - added);
      const count = await this.#add(this.#candidates.slice(this.#next, end), open, marking);
      if (count === undefined) break;
      added += count;
      this.#next = end;
    }
    this.#addedSinceScan += added;
    return added;
  }

  get #hasCandidates(): boolean {
    return this.#next < this.#candidates.length;
  }

  /** The number added; undefined if the watermark cannot be written. */
  async #add(
    candidates: readonly SegmentName[],
    open: OpenSource,
    marking?: Marking,
  ): Promise<number | undefined> {
    const { queue, batch } = this.#options;
    const names = candidates.map(({ name }) => name);
    const delayed = this.#delayed === 0 ? new Set() : await queue.delayedAmong(names);
    const stats = names.filter((name) => !delayed.has(name)).map((name) => this.#stat(name, open));
    const segments = (await Promise.all(stats)).filter((segment) => segment !== undefined);
    if ((await marking?.written) !== undefined) return undefined;
    await queue.add(batchesOf(segments, batch).map((some) => jobOf(some, open)));
    for (const { segment } of segments) this.#addedMs.set(segment, performance.now());
    return segments.length;
  }

  /** Undefined if the segment no longer exists: a worker has archived it since the scan. */
  async #stat(segment: string, { source }: OpenSource): Promise<BatchSegment | undefined> {
    const path = segmentPath(source, segment);
    try {
      const { size, mtimeNs } = await this.#options.disk.lstat(path);
      return { segment, bytes: Number(size), sealedAt: sealedAt(mtimeNs) };
    } catch (error) {
      // No worker can open it either; the one that tries quarantines it with the reason.
      if (isMissing(error) && isMisread(segment)) return { segment, bytes: 0, sealedAt: 0 };
      if (isMissing(error)) return undefined;
      throw sourceFailure(`stat ${path}`, error);
    }
  }

  #forgetOld(): void {
    const oldest = performance.now() - ADDED_AGAIN_AFTER_MS;
    for (const [name, addedMs] of this.#addedMs) {
      if (addedMs < oldest) this.#addedMs.delete(name);
    }
  }
}

const sealedAt = (mtimeNs: bigint): number => Math.max(0, Number(mtimeNs / 1_000_000n));

const jobOf = (segments: readonly BatchSegment[], { sourceId }: OpenSource): ArchiveJob => ({
  v: JOB_VERSION,
  sourceId,
  host,
  segments: [...segments],
});
