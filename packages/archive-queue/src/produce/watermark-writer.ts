/** Writes the watermark from memory to the disk, where workers and other processes read it. */
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

  /** The watermark that this process has made durable. */
  get durable(): SegmentName | undefined {
    return this.#durable;
  }

  get isBehind(): boolean {
    const { current, unknown } = this.#mark;
    return unknown !== undefined || (current !== undefined && !this.covers(current));
  }

  /** What `catchUp` is about to write, where that is known without reading the disk. */
  next({ naming }: Source): SegmentName | undefined {
    const { current } = this.#mark;
    if (current?.name === undefined || this.covers(current)) return undefined;
    return naming.parse(current.name) ?? current;
  }

  covers(mark: Mark): boolean {
    return this.#written !== undefined && covers(this.#written, mark);
  }

  /**
   * Writes what was flushed since the last call, if anything. Reads the archive only for a segment that is not at the
   * source.
   *
   * @throws WalqError `segment-unknown`, after everything else was written, and failures of the disk
   */
  async catchUp(marked: MarkedSource): Promise<void> {
    const { current, unknown } = this.#mark;
    if (current !== undefined) await this.#write(marked, current);
    if (unknown !== undefined) await this.#write(marked, unknown);
  }

  async #write(marked: MarkedSource, mark: Mark): Promise<void> {
    if (!this.covers(mark)) await this.#advance(marked, mark);
    this.#mark.reached(mark);
  }

  async #advance(marked: MarkedSource, mark: Mark): Promise<void> {
    const segment = await this.#resolve(marked.source, mark);
    try {
      if (segment !== undefined) this.#durable = await markFlushed(this.#disk, marked, segment);
      this.#written = mark;
    } catch (error) {
      if (isWalqError(error, 'segment-unknown')) this.#mark.defer(mark);
      throw error;
    }
  }

  /** A number without a name means the highest segment up to it; undefined if there is none. */
  async #resolve(source: Source, mark: Mark): Promise<SegmentName | undefined> {
    if (mark.name !== undefined) return source.naming.parse(mark.name) ?? mark;
    let highest: SegmentName | undefined;
    for await (const segment of segmentsOf(this.#disk, source)) {
      if (segment.number > mark.number) continue;
      if (highest === undefined || compareSegments(segment, highest) > 0) highest = segment;
    }
    return highest;
  }
}

/** A watermark that is being written. */
export interface Marking {
  readonly segment: SegmentName;
  /** Resolves when it is durable, or with the failure. */
  readonly written: Promise<WalqError | undefined>;
}

/** A watermark as an engine gives it: by name, or by number if the name is not known yet. */
export type Mark = SegmentName | { readonly number: bigint; readonly name?: undefined };

/** True if `a` covers everything that `b` covers. */
export function covers(a: Mark, b: Mark): boolean {
  if (a.number !== b.number) return a.number > b.number;
  if (a.name === undefined || b.name === undefined)
    return a.name === undefined || a.name === b.name;
  return compareSegments(a, b) >= 0;
}

/**
 * The watermark in memory: the only state that `flushed()` touches. It only moves forward, except that a mark whose
 * segment does not exist is deferred, so that it does not block a valid one.
 */
export class FlushedMark {
  readonly #sourceNow: () => Source;
  #mark: Mark | undefined;
  #unknown: Mark | undefined;

  /** @param sourceNow the source as known now: opening a source without a pattern finds its naming */
  constructor(sourceNow: () => Source) {
    this.#sourceNow = sourceNow;
  }

  /** The highest mark, except for a deferred one. */
  get current(): Mark | undefined {
    return this.#mark;
  }

  /** The deferred mark: its segment did not exist, but may appear. */
  get unknown(): Mark | undefined {
    return this.#unknown;
  }

  /** The highest mark, including a deferred one. */
  get highest(): Mark | undefined {
    if (this.#mark === undefined || this.#unknown === undefined) return this.#mark ?? this.#unknown;
    return covers(this.#mark, this.#unknown) ? this.#mark : this.#unknown;
  }

  /** Moves forward to `upTo`, inclusive; false if the mark already covers it. */
  advance(upTo: string | bigint): boolean {
    const source = this.#sourceNow();
    const mark = markOf(source, upTo);
    if (this.#mark !== undefined && covers(recounted(source, this.#mark), mark)) return false;
    this.#mark = mark;
    return true;
  }

  /** Keeps only the highest deferred mark, because it covers the others. */
  defer(mark: Mark): void {
    if (this.#mark === mark) this.#mark = undefined;
    if (this.#unknown === undefined || covers(mark, this.#unknown)) this.#unknown = mark;
  }

  /** The mark is durable: a deferred mark that it covers need not be tried again. */
  reached(mark: Mark): void {
    if (this.#unknown !== undefined && covers(mark, this.#unknown)) this.#unknown = undefined;
  }
}

/** A mark with the number that the source's current naming gives it. */
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
