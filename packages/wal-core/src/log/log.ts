import type { Disk } from '../base/disk/disk.ts';
import type { SegmentName } from '../source/segment-name.ts';
import type { Lock } from '../base/lock/take-lock.ts';
import type { ResumedSegment, TornTail } from './recover-log.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { encodeCommit, encodeMark, PAYLOAD_BYTES_MAX, logSegment } from './layout.ts';
import { logClosed, writeFailed } from './log-failure.ts';
import { createSegment, extendSegment, type OpenSegment } from './open-segment.ts';
import { WaitingTasks, type Append, type CommitRoom, type Seal } from './waiting-tasks.ts';

/** Sizes in bytes; see `OpenLogOptions`. */
export interface LogLimits {
  readonly segmentBytesMax: number;
  readonly commitBytesMax: number;
}

/** The parts of an open log. */
export interface LogParts extends LogLimits {
  readonly disk: Disk;
  readonly directory: string;
  readonly lock: Lock;
  readonly recovered: ResumedSegment;
  readonly onSealed: (segment: SegmentName) => void;
}

/**
 * walq's embeddable log. Appends become records of the highest segment, which is sealed when it is full. One writer at
 * a time takes all appends since the last commit, writes them together and makes them durable with one fsync.
 */

export class Log {
  /** What recovery cut off when the log was opened; undefined after a clean close. */
  readonly tornTail: TornTail | undefined;
  readonly #parts: LogParts;
  #segment: OpenSegment;
  /** Sequence number of the next record to be written. */
  #next: bigint;
  readonly #waiting = new WaitingTasks();
  #writing: Promise<void> | undefined;
  #failure: WalqError | undefined;
  #closing: Promise<void> | undefined;
  /** Whether records follow the last mark. */
  #hasUnmarked: boolean;

  /** Use `openLog`. */
  constructor(parts: LogParts) {
    this.#parts = parts;
    this.#segment = parts.recovered.segment;
    this.#next = parts.recovered.nextSequence;
    this.#hasUnmarked = !parts.recovered.isMarked;
    this.tornTail = parts.recovered.tornTail;
  }

  /** Sequence number of the last durable record; 0 in a new log. */
  get position(): bigint {
    return this.#next - 1n;
  }

  /** The open segment; all lower ones are sealed. */
  get currentSegment(): SegmentName {
    return logSegment(this.#segment.header.number);
  }

  /**
   * Adds a record; resolves with its sequence number once it is durable. Records become durable in the order of the
   * calls. Calls during a commit share the next commit, up to `commitBytesMax`; the rest waits for a later one. The log
   * queues any number of appends in memory, so await some of them as backpressure.
   *
   * As with a write to a file, the payload must not be changed until the promise has resolved or rejected.
   *
   * Rejects with `log-record-too-large` or `log-closed`. After a write or fsync has failed, this and every later call
   * rejects with `log-write-failed`; then it is unknown whether the record is in the log.
   */
  append(payload: Uint8Array): Promise<bigint> {
    if (payload.length > PAYLOAD_BYTES_MAX) return Promise.reject(tooLarge(payload.length));
    return this.#enqueue<bigint>((resolve, reject) => ({
      kind: 'append',
      payload,
      resolve,
      reject,
    }));
  }

  /**
   * Seals the current segment after all earlier appends, and begins a new one. Resolves with the sealed segment once
   * the new one is durable; with undefined when the current segment is empty.
   */
  seal(): Promise<SegmentName | undefined> {
    return this.#enqueue<SegmentName | undefined>((resolve, reject) => ({
      kind: 'seal',
      resolve,
      reject,
    }));
  }

  /**
   * Closes the log after all earlier calls are done. Later appends reject with `log-closed`. Rejects when the file could
   * not be closed; the lock is released in any case.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #enqueue<T>(
    task: (resolve: (value: T) => void, reject: (error: WalqError) => void) => Append | Seal,
  ): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#closing !== undefined) return Promise.reject(logClosed(this.#parts.directory));
    return new Promise((resolve, reject) => {
      this.#waiting.add(task(resolve, reject));
      this.#writing ??= this.#write();
    });
  }

  /** The only writer. Never rejects: a failure rejects all waiting and all later calls. */
  async #write(): Promise<void> {
    // Calls of the same tick share the first commit.
    await Promise.resolve();
    try {
      while (this.#waiting.first !== undefined) await this.#step();
    } catch (error) {
      this.#fail(writeFailed(this.#parts.directory, error));
    }
    this.#writing = undefined;
  }

  #fail(failure: WalqError): void {
    this.#failure = failure;
    this.#waiting.rejectAll(failure);
  }

  async #step(): Promise<void> {
    const { first } = this.#waiting;
    if (first?.kind === 'seal') {
      const sealed = this.#isEmpty() ? undefined : await this.#rotate();
      this.#waiting.drop(1);
      return first.resolve(sealed);
    }
    const commit = this.#waiting.nextCommit(this.#room());
    if (commit.length === 0) await this.#rotate();
    else await this.#commit(commit);
  }

  /** A record larger than a commit is written alone; one larger than a segment gets a segment of its own. */
  #room(): CommitRoom {
    const { segmentBytesMax, commitBytesMax } = this.#parts;
    const left = segmentBytesMax - this.#segment.sizeBytes;
    const aloneBytesMax = this.#isEmpty() ? Infinity : left;
    return { bytesMax: Math.min(commitBytesMax, left), aloneBytesMax };
  }

  async #commit(commit: readonly Append[]): Promise<void> {
    const payloads = commit.map(({ payload }) => payload);
    const bytes = encodeCommit(payloads, this.#next, this.#segment.header.crc);
    this.#hasUnmarked = true;
    await extendSegment(this.#segment, bytes);
    this.#waiting.drop(commit.length);
    for (const { resolve } of commit) {
      resolve(this.#next);
      this.#next += 1n;
    }
  }

  /** The new file is durable before the old one counts as sealed: after a crash one of them is open. */
  async #rotate(): Promise<SegmentName> {
    const { disk, directory, onSealed } = this.#parts;
    const sealed = this.#segment;
    const number = sealed.header.number + 1n;
    this.#segment = await createSegment(disk, directory, number, this.#next);
    this.#hasUnmarked = false;
    await sealed.file.close();
    const segment = logSegment(sealed.header.number);
    // In a microtask of its own: an error of the listener must not fail an append.
    queueMicrotask(() => onSealed(segment));
    return segment;
  }

  #isEmpty(): boolean {
    return this.#next === this.#segment.header.firstSequence;
  }

  async #close(): Promise<void> {
    try {
      await this.#writing;
      if (this.#failure === undefined && this.#hasUnmarked) await this.#mark();
    } finally {
      await this.#release();
    }
  }

  /** Proves at the next opening that all earlier records were durable, so that damage is not taken for a torn tail. */
  async #mark(): Promise<void> {
    await extendSegment(this.#segment, encodeMark(this.#next, this.#segment.header.crc));
  }

  async #release(): Promise<void> {
    try {
      await this.#segment.file.close();
    } finally {
      await this.#parts.lock.release();
    }
  }
}

const tooLarge = (bytes: number): WalqError =>
  new WalqError('log-record-too-large', {
    message: `unable to append a record of ${bytes} bytes: the limit is ${PAYLOAD_BYTES_MAX}`,
  });
