/**
 * The part of the backlog that is on the queue: a limited number of the lowest due segments.
 *
 * A scan of the disk returns candidates, lowest first, which are enqueued as the queue drains. Only the ids of candidates
 * are queried in Redis. Delayed jobs do not count against the limit.
 */
import {
  isMisread,
  isMissing,
  segmentPath,
  sourceFailure,
  type Disk,
  type DueView,
  type OpenSource,
  type SegmentName,
} from '@walq/wal-core/internal';
import { hostname } from 'node:os';
import { JOB_VERSION, LONGEST_DELAY_MS, type ArchiveJob } from '../job/archive-job.ts';
import type { ArchiveQueue, JobState } from '../queue/archive-queue.ts';

const host = hostname();

const BATCH_MAX = 100;
const CANDIDATES_MAX = 4_096;
/** A scan returns extra candidates for delayed jobs, which it may find again; this limits how many. */
const STEPPED_OVER_MAX = 60_000;

export class Window {
  readonly #disk: Disk;
  readonly #queue: ArchiveQueue;
  readonly #sizeMax: number;
  #candidates: readonly SegmentName[] = [];
  #next = 0;
  #isTruncated = false;
  #addedSinceScan = 0;
  #delayed = 0;
  #dueCount = 0;

  /** @param sizeMax how many jobs may wait or be active before no more are added */
  constructor(disk: Disk, queue: ArchiveQueue, sizeMax: number) {
    this.#disk = disk;
    this.#queue = queue;
    this.#sizeMax = sizeMax;
  }

  /** How many segments were due at the latest scan. */
  get dueCount(): number {
    return this.#dueCount;
  }

  /** True while there are segments to add when there is room. */
  get hasMore(): boolean {
    return this.#hasCandidates || this.needsScan;
  }

  /** True if all candidates are used and the scan had found more due segments than it returned. */
  get needsScan(): boolean {
    return !this.#hasCandidates && this.#isTruncated && this.#addedSinceScan > 0;
  }

  /** Scans the disk and starts again with the lowest due segments. */
  async scan(view: DueView): Promise<void> {
    const lowestMax = CANDIDATES_MAX + Math.min(this.#delayed, STEPPED_OVER_MAX);
    const { due, dueCount } = await view.scan(lowestMax);
    this.#candidates = due;
    this.#next = 0;
    this.#addedSinceScan = 0;
    this.#isTruncated = dueCount > due.length;
    this.#dueCount = dueCount;
  }

  /** If a clock was set back, for example by an hour, delayed jobs would be overdue by that hour. */
  async promoteOverdue(): Promise<void> {
    await this.#queue.retryMistimed(LONGEST_DELAY_MS);
  }

  /** How many jobs may be added now: 0 while the window is more than half full. */
  async room(): Promise<number> {
    const { waiting, active, delayed } = await this.#queue.counts();
    this.#delayed = delayed;
    const queued = waiting + active;
    return queued > this.#sizeMax / 2 ? 0 : this.#sizeMax - queued;
  }

  /** Adds candidates until the room is used or none is left; returns the number added. */
  async fill(view: DueView, open: OpenSource, room: number): Promise<number> {
    let added = 0;
    while (added < room && this.#hasCandidates) {
      const batch = this.#candidates.slice(
        this.#next,
        this.#next + Math.min(BATCH_MAX, room - added),
      );
      added += await this.#admit(batch, view, open);
      this.#next += batch.length;
    }
    this.#addedSinceScan += added;
    return added;
  }

  get #hasCandidates(): boolean {
    return this.#next < this.#candidates.length;
  }

  async #admit(batch: readonly SegmentName[], view: DueView, open: OpenSource): Promise<number> {
    const states = await this.#queue.statesOf(batch.map(({ name }) => name));
    const inState = (of: (state: JobState | undefined) => boolean) =>
      batch.filter((_, index) => of(states[index]));
    // These jobs may have ended after the scan.
    const ended = await view.dueAmong(inState(isEnded));
    await this.#queue.remove(ended.map(({ name }) => name));
    const jobs = await this.#jobsOf([...inState((state) => state === 'unknown'), ...ended], open);
    await this.#queue.add(jobs);
    return jobs.length;
  }

  async #jobsOf(segments: readonly SegmentName[], open: OpenSource): Promise<ArchiveJob[]> {
    const jobs = await Promise.all(segments.map((segment) => this.#jobOf(segment, open)));
    return jobs.filter((job) => job !== undefined);
  }

  /** Undefined if the segment no longer exists: a worker has archived it since the scan. */
  async #jobOf(
    { name }: SegmentName,
    { source, sourceId }: OpenSource,
  ): Promise<ArchiveJob | undefined> {
    const path = segmentPath(source, name);
    try {
      const { size, mtimeNs } = await this.#disk.lstat(path);
      const sealedAt = Math.max(0, Number(mtimeNs / 1_000_000n));
      return { v: JOB_VERSION, sourceId, segment: name, bytes: Number(size), sealedAt, host };
    } catch (error) {
      // No worker can open it either; the one that tries quarantines it with the reason.
      if (isMissing(error) && isMisread(name)) {
        return { v: JOB_VERSION, sourceId, segment: name, bytes: 0, sealedAt: 0 };
      }
      if (isMissing(error)) return undefined;
      throw sourceFailure(`stat ${path}`, error);
    }
  }
}

/** BullMQ ignores a new job whose id it still keeps, so the ended job is removed first. */
const isEnded = (state: JobState | undefined): boolean =>
  state === 'completed' || state === 'failed';
