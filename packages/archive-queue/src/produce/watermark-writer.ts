/** Brings the watermark from memory to the disk, where workers and other processes read it. */
import {
  compareSegments,
  markFlushed,
  segmentsOf,
  type Disk,
  type MarkedSource,
  type SegmentName,
  type Source,
} from '@walq/wal-core';
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
    const wanted = this.#mark.current;
    return wanted !== undefined && !this.covers(wanted);
  }

  covers(mark: Mark): boolean {
    return this.#written !== undefined && covers(this.#written, mark);
  }

  /** Writes what was flushed since; a no-op when that is nothing. The archive is asked only for a segment that the source does not hold. */
  async catchUp(marked: MarkedSource): Promise<void> {
    const wanted = this.#mark.current;
    if (wanted === undefined || this.covers(wanted)) return;
    const segment = await this.#resolve(marked.source, wanted);
    if (segment !== undefined) {
      this.#durable = await markFlushed(this.#disk, marked, segment);
    }
    this.#written = wanted;
  }

  /** A number without a name means the highest segment up to it; undefined when there is none. */
  async #resolve(source: Source, wanted: Mark): Promise<SegmentName | undefined> {
    if (wanted.name !== undefined) return wanted;
    let highest: SegmentName | undefined;
    for await (const segment of segmentsOf(this.#disk, source)) {
      if (segment.number > wanted.number) continue;
      if (highest === undefined || compareSegments(segment, highest) > 0) highest = segment;
    }
    return highest;
  }
}
