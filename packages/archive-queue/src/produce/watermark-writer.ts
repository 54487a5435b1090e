/** Brings the watermark from memory to the disk, where workers and other processes read it. */
import {
  compareSegments,
  isWalqError,
  markFlushed,
  segmentsOf,
  WalqError,
  type Disk,
  type MarkedSource,
  type SegmentName,
  type Source,
} from '@walq/wal-core/internal';

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

/** A watermark as an engine gives it: by name, or by number where nobody knows the name yet. */
export type Mark = SegmentName | { readonly number: bigint; readonly name?: undefined };

/** True when everything that `b` covers is covered by `a` too. */
export function covers(a: Mark, b: Mark): boolean {
  if (a.number !== b.number) return a.number > b.number;
  if (a.name === undefined || b.name === undefined)
    return a.name === undefined || a.name === b.name;
  return compareSegments(a, b) >= 0;
}

/**
 * The watermark in memory: the one thing that the flush side touches. It only moves forward, save that
 * a mark that names no segment is set aside, so that it does not stand in the way of a right one.
 */
export class FlushedMark {
  readonly #sourceNow: () => Source;
  #mark: Mark | undefined;
  #unknown: Mark | undefined;

  /** A source without a pattern is counted otherwise once it was opened. */
  constructor(sourceNow: () => Source) {
    this.#sourceNow = sourceNow;
  }

  /** The highest that was told, other than what is set aside. */
  get current(): Mark | undefined {
    return this.#mark;
  }

  /** A mark whose segment was not there; it may come yet. */
  get unknown(): Mark | undefined {
    return this.#unknown;
  }

  /** The highest of all that was told and may still come true. */
  get highest(): Mark | undefined {
    if (this.#mark === undefined || this.#unknown === undefined) return this.#mark ?? this.#unknown;
    return covers(this.#mark, this.#unknown) ? this.#mark : this.#unknown;
  }

  /** Moves forward to `upTo`, inclusive; false when it was there already. */
  advance(upTo: string | bigint): boolean {
    const source = this.#sourceNow();
    const mark = markOf(source, upTo);
    if (this.#mark !== undefined && covers(recounted(source, this.#mark), mark)) return false;
    this.#mark = mark;
    return true;
  }

  /** Of several that are set aside the highest is kept: the engine's next flush replaces the others. */
  setAside(mark: Mark): void {
    if (this.#mark === mark) this.#mark = undefined;
    if (this.#unknown === undefined || covers(mark, this.#unknown)) this.#unknown = mark;
  }

  /** A mark is durable: what it covers need not be tried again. */
  reached(mark: Mark): void {
    if (this.#unknown !== undefined && covers(mark, this.#unknown)) this.#unknown = undefined;
  }
}

/** A mark as the source counts now. */
export const recounted = ({ naming }: Source, mark: Mark): Mark =>
  mark.name === undefined ? mark : (naming.parse(mark.name) ?? mark);

export function markOf({ name, naming }: Source, upTo: string | bigint): Mark {
  if (typeof upTo === 'bigint') {
    const segment = naming.nameOf?.(upTo);
    return segment === undefined ? { number: upTo } : { name: segment, number: upTo };
  }
  const segment = naming.parse(upTo);
  if (segment !== undefined) return segment;
  throw new WalqError('usage', {
    message: `'${upTo}' is not the name of a segment of source '${name}'`,
    hint: 'Give the file name of a segment without its directory, or its number as a bigint.',
  });
}
