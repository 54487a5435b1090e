import type { Disk } from '../disk/index.ts';
import { isMissing, reasonOf, WalqError } from '../failure/index.ts';
import { compareSegments, type SegmentName } from './segment-name.ts';
import { readyName } from './ready-file.ts';
import { statusDirectory, type Source } from './source.ts';

export interface ScanOptions {
  /** How many of the lowest to keep. Memory is bounded by this, not by the directory. */
  readonly lowestMax: number;
  /** How many of the highest to keep. */
  readonly highestMax: number;
  /** Which segments may be among the lowest; default all. */
  readonly accept?: (segment: SegmentName) => boolean;
}

export interface Scan {
  /** The lowest accepted segments, in order. */
  readonly lowest: readonly SegmentName[];
  /** The highest segments whether accepted or not, in order. */
  readonly highest: readonly SegmentName[];
  /** All accepted segments, also those not kept in `lowest`. */
  readonly acceptedCount: number;
}

/** One pass over a source's directory, in bounded memory. */
export async function scanSource(disk: Disk, source: Source, options: ScanOptions): Promise<Scan> {
  const lowest = new Extremes(options.lowestMax, compareSegments);
  const highest = new Extremes(options.highestMax, (a, b) => compareSegments(b, a));
  let acceptedCount = 0;
  for await (const segment of segmentsOf(disk, source)) {
    highest.offer(segment);
    if (options.accept !== undefined && !options.accept(segment)) continue;
    acceptedCount += 1;
    lowest.offer(segment);
  }
  return { lowest: lowest.take(), highest: highest.take().toReversed(), acceptedCount };
}

/** Every segment of a source, in no order; of PostgreSQL's, those that it says are ready to be archived. */
export async function* segmentsOf(disk: Disk, source: Source): AsyncGenerator<SegmentName> {
  const isReadyRule = source.sealedRule.kind === 'ready';
  const directory = isReadyRule ? statusDirectory(source) : source.directory;
  try {
    for await (const names of disk.list(directory)) {
      for (const name of names) {
        const segment = source.naming.parse(isReadyRule ? (readyName(name) ?? '') : name);
        if (segment !== undefined) yield segment;
      }
    }
  } catch (cause) {
    throw scanFailure(source, directory, cause);
  }
}

function scanFailure(source: Source, directory: string, cause: unknown): unknown {
  if (cause instanceof WalqError) return cause;
  const what = isMissing(cause) ? 'is not there' : reasonOf(cause);
  return new WalqError('source-unavailable', {
    message: `unable to list source '${source.name}' at ${directory}: ${what}`,
    cause,
  });
}

/** Keeps the first `max` of an order; sorts once per `max` offers. */
class Extremes {
  #kept: SegmentName[] = [];
  readonly #max: number;
  readonly #compare: (a: SegmentName, b: SegmentName) => number;

  constructor(max: number, compare: (a: SegmentName, b: SegmentName) => number) {
    this.#max = max;
    this.#compare = compare;
  }

  offer(segment: SegmentName): void {
    this.#kept.push(segment);
    if (this.#kept.length > 2 * this.#max + 64) this.#kept = this.take();
  }

  take(): SegmentName[] {
    return this.#kept.toSorted(this.#compare).slice(0, this.#max);
  }
}
