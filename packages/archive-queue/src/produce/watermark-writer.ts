/** Brings the watermark from memory to the disk, where workers and other processes read it. */
import {
  compareSegments,
  isWalqError,
  markFlushed,
  segmentsOf,
  type Disk,
  type MarkedSource,
  type SegmentName,
  type Source,
} from '@walq/wal-core/internal';
import { covers, type FlushedMark, type Mark } from './flushed-mark.ts';

export class WatermarkWriter {
  readonly #disk: Disk;
  readonly #mark: FlushedMark;
  #written: Mark | undefined;
  #durable: SegmentName | undefined;

  constructor(disk: Disk, mark: FlushedMark) {
    this.#disk = disk;
    this.#mark = mark;
  }

  /** What is on the disk as far as this process wrote it. */
  get durable(): SegmentName | undefined {
    return this.#durable;
  }

  get isBehind(): boolean {
    const { current, unknown } = this.#mark;
    return unknown !== undefined || (current !== undefined && !this.covers(current));
  }

  covers(mark: Mark): boolean {
    return this.#written !== undefined && covers(this.#written, mark);
  }

  /**
   * Writes what was flushed since; a no-op when that is nothing. The archive is asked only for a segment
   * that the source does not hold.
   *
   * @throws WalqError `segment-unknown` after everything else was written, and whatever a disk says
   */
  async catchUp(marked: MarkedSource): Promise<void> {
    const { current, unknown } = this.#mark;
    if (current !== undefined) await this.#write(marked, current);
    if (unknown !== undefined) await this.#write(marked, unknown);
  }

  async #write(marked: MarkedSource, wanted: Mark): Promise<void> {
    if (!this.covers(wanted)) await this.#advance(marked, wanted);
    this.#mark.reached(wanted);
  }

  async #advance(marked: MarkedSource, wanted: Mark): Promise<void> {
    const segment = await this.#resolve(marked.source, wanted);
    try {
      if (segment !== undefined) this.#durable = await markFlushed(this.#disk, marked, segment);
      this.#written = wanted;
    } catch (error) {
      if (isWalqError(error, 'segment-unknown')) this.#mark.setAside(wanted);
      throw error;
    }
  }

  /** A number without a name means the highest segment up to it; undefined when there is none. */
  async #resolve(source: Source, wanted: Mark): Promise<SegmentName | undefined> {
    if (wanted.name !== undefined) return source.naming.parse(wanted.name) ?? wanted;
    let highest: SegmentName | undefined;
    for await (const segment of segmentsOf(this.#disk, source)) {
      if (segment.number > wanted.number) continue;
      if (highest === undefined || compareSegments(segment, highest) > 0) highest = segment;
    }
    return highest;
  }
}
