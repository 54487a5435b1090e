/**
 * The bounded part of the backlog that is on the queue: the lowest W due segments.
 *
 * A look at the disk gives candidates, lowest first; they go onto the queue as it drains. Only ids of
 * candidates are ever asked about in Redis. Jobs that back off after a failure take no room.
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
/** Jobs that back off are stepped over; with more than this many of them, those beyond wait. */
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

  /** How many segments were due when last looked. */
  get dueCount(): number {
    return this.#dueCount;
  }

  /** True while there are segments to add once there is room. */
  get hasMore(): boolean {
    return this.#hasCandidates || this.needsScan;
  }

  /** True when the candidates are used up and the disk holds more than they were. */
  get needsScan(): boolean {
    return !this.#hasCandidates && this.#isTruncated && this.#addedSinceScan > 0;
  }

  /** Looks at the disk once and starts over with the lowest due segments. */
  async scan(view: DueView): Promise<void> {
    const lowestMax = CANDIDATES_MAX + Math.min(this.#delayed, STEPPED_OVER_MAX);
    const { due, dueCount } = await view.scan(lowestMax);
    this.#candidates = due;
    this.#next = 0;
    this.#addedSinceScan = 0;
    this.#isTruncated = dueCount > due.length;
    this.#dueCount = dueCount;
  }

  /** Jobs oversleep where a clock was set back: until the old time comes round, an hour later say. */
  async promoteOverdue(): Promise<void> {
    await this.#queue.retryMistimed(LONGEST_DELAY_MS);
  }

  /** How many jobs may be added now; 0 while the window is more than half full. */
  async room(): Promise<number> {
    const { waiting, active, delayed } = await this.#queue.counts();
    this.#delayed = delayed;
    const queued = waiting + active;
    return queued > this.#sizeMax / 2 ? 0 : this.#sizeMax - queued;
  }

  /** Adds candidates until the room is used or none is left; gives the number added. */
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
    // The look at the disk may be older than the end of these jobs.
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

  /** Undefined when the segment has gone meanwhile: a worker was faster. */
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
      // No worker can open it either, and the one that tries sets it aside with the reason.
      if (isMissing(error) && isMisread(name)) {
        return { v: JOB_VERSION, sourceId, segment: name, bytes: 0, sealedAt: 0 };
      }
      if (isMissing(error)) return undefined;
      throw sourceFailure(`stat ${path}`, error);
    }
  }
}

/** BullMQ ignores a job whose id it still keeps, so such a job must go before it can be added again. */
const isEnded = (state: JobState | undefined): boolean =>
  state === 'completed' || state === 'failed';
