import type { Disk } from '../base/disk/disk.ts';
import { isMissing, reasonOf } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { filesAmong, unrecognisedName } from './recognise-naming.ts';
import { compareSegments, type SegmentName } from './segment-name.ts';
import { readyName } from './ready-file.ts';
import { statusDirectory, type Source } from './source.ts';

export interface ScanOptions {
  /** How many of the lowest segments to keep. This bounds the memory, not the size of the directory. */
  readonly lowestMax: number;
  /** How many of the highest numbers to keep. Of several segments of one number it keeps the last by name. */
  readonly highestMax: number;
  /** Which segments may be among the lowest. Default: all. */
  readonly accept?: (segment: SegmentName) => boolean;
}

export interface Scan {
  /** The lowest accepted segments, in order. */
  readonly lowest: readonly SegmentName[];
  /** One segment for each of the highest numbers, accepted or not, in order. */
  readonly highest: readonly SegmentName[];
  /** Number of accepted segments, including those not in `lowest`. */
  readonly acceptedCount: number;
}

/** One pass over a source's directory, in bounded memory. */
export async function scanSource(disk: Disk, source: Source, options: ScanOptions): Promise<Scan> {
  const lowest = new LowestSegments(options.lowestMax, compareSegments);
  const highest = new HighestNumbers(options.highestMax);
  let acceptedCount = 0;
  for await (const segments of segmentPieces(disk, source)) {
    for (const segment of segments) {
      highest.offer(segment);
      if (options.accept !== undefined && !options.accept(segment)) continue;
      acceptedCount += 1;
      lowest.offer(segment);
    }
  }
  return { lowest: lowest.take(), highest: highest.take().toReversed(), acceptedCount };
}

/** Every segment of a source, unordered; of a PostgreSQL source, the files that are ready to be archived. */
export async function* segmentsOf(disk: Disk, source: Source): AsyncGenerator<SegmentName> {
  for await (const segments of segmentPieces(disk, source)) yield* segments;
}

/** Those of each piece of the listing: a promise for each segment would cost more than reading it. */
async function* segmentPieces(disk: Disk, source: Source): AsyncGenerator<Iterable<SegmentName>> {
  const isReadyRule = source.sealedRule.kind === 'ready';
  const directory = isReadyRule ? statusDirectory(source) : source.directory;
  const unrecognised: string[] = [];
  try {
    for await (const names of disk.list(directory)) {
      yield segmentsAmong(names, source, unrecognised);
      while (unrecognised.length > 0)
        await assertNoFiles(disk, source, unrecognised.splice(0, CHECKED_AT_ONCE));
    }
  } catch (cause) {
    throw scanFailure(source, directory, cause);
  }
}

/** Adds the names to `unrecognised` that no segment has, but a file of another kind might. */
function* segmentsAmong(
  names: readonly string[],
  { sealedRule, naming }: Source,
  unrecognised: string[],
): Generator<SegmentName> {
  const isReadyRule = sealedRule.kind === 'ready';
  for (const name of names) {
    const segment = naming.parse(isReadyRule ? (readyName(name) ?? '') : name);
    if (segment !== undefined) yield segment;
    else if (naming.isUnrecognised?.(name) === true) unrecognised.push(name);
  }
}

const CHECKED_AT_ONCE = 64;

/** A name that is not a file is not a segment. A file may be the newest of all, so it is refused. */
async function assertNoFiles(disk: Disk, source: Source, names: readonly string[]): Promise<void> {
  const [first] = await filesAmong(disk, source, names);
  if (first !== undefined) throw unrecognisedName(source, first);
}

function scanFailure(source: Source, directory: string, cause: unknown): unknown {
  if (cause instanceof WalqError) return cause;
  const what = isMissing(cause) ? 'it does not exist' : reasonOf(cause);
  return new WalqError('source-unavailable', {
    message: `unable to list source '${source.name}' at ${directory}: ${what}`,
    cause,
  });
}

/** Keeps the lowest `max` segments; sorts once per `max` offers. */
class LowestSegments {
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

/** Keeps one segment for each of the highest numbers: an engine may have several files of one number. */
class HighestNumbers {
  #kept: SegmentName[] = [];
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  offer(segment: SegmentName): void {
    this.#kept.push(segment);
    if (this.#kept.length > 2 * this.#max + 64) this.#kept = this.take();
  }

  /** The highest first. */
  take(): SegmentName[] {
    const sorted = this.#kept.toSorted((a, b) => compareSegments(b, a));
    return sorted
      .filter((one, index) => one.number !== sorted[index - 1]?.number)
      .slice(0, this.#max);
  }
}
