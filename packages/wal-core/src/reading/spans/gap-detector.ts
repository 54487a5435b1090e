/**
 * Which segments are missing in front of one that is there. Of PostgreSQL, by timeline: what a timeline misses
 * up to where another branched off, and at its own beginning, is missing on the way to what follows. What it
 * would have held behind the last branch nobody needs, unless it went on there itself.
 */
import { segmentNameAt, startLsn } from '../../source/postgres/wal-file.ts';
import { missingBetween, numberOnTimeline, type SegmentName } from '../../source/segment-name.ts';
import { postgresNaming } from '../../source/postgres-naming.ts';
import type { Branch, Timelines } from '../../archive/timelines.ts';

/** Segments that are missing between `after` and the one that was told. */
export interface Missing {
  readonly after: SegmentName;
  readonly count: bigint;
}

/** With the segment in front of which they are missing, which is not there either. */
interface MissingAtSwitch extends Missing {
  readonly before: SegmentName;
}

/** Told of the segments that are there, in order. */
export class GapDetector {
  readonly #timelines: Timelines | undefined;
  #last: SegmentName | undefined;
  /** Of each timeline, the last segment of its parent in front of its branch. */
  readonly #fork = new Map<string, SegmentName>();
  /** Of each timeline, up to where all is there or told to be missing. */
  readonly #coveredUpTo = new Map<string, bigint>();
  readonly #unchecked = new Set<string>();

  constructor(timelines?: Timelines) {
    this.#timelines = timelines;
  }

  next(segment: SegmentName): Missing | undefined {
    const missing =
      segment.timeline === undefined
        ? this.#inFront(segment)
        : this.#onTimeline(segment, segment.timeline);
    this.#last = segment;
    return missing === undefined || missing.count === 0n ? undefined : missing;
  }

  /**
   * What is missing in front of timelines of which nothing but their history is there: that alone proves that
   * their parents reached the switch. Told after the last segment.
   */
  *atSwitches(): Generator<MissingAtSwitch> {
    const timelines = this.#timelines;
    for (const timeline of timelines?.branched.toSorted() ?? []) {
      const branch = timelines?.branchOf(timeline);
      if (branch === undefined || this.#coveredUpTo.has(timeline)) continue;
      const after = this.#lastBefore(timeline);
      if (after === undefined) continue;
      const count = this.#endsOfAncestors(timeline);
      if (count === 0n) continue;
      yield { after, count, before: firstOf(branch, timelines?.segmentBytes ?? 0) };
    }
  }

  /** Timelines of which no history says where they begin, behind others that are there. */
  get unchecked(): readonly string[] {
    return [...this.#unchecked];
  }

  #inFront(segment: SegmentName): Missing | undefined {
    const after = this.#last;
    return after && { after, count: missingBetween(after, segment) };
  }

  #onTimeline(segment: SegmentName, timeline: string): Missing | undefined {
    const position = numberOnTimeline(segment);
    const isFirst = this.#last?.timeline !== timeline;
    if (isFirst && this.#last !== undefined && this.#timelines?.branchOf(timeline) === undefined) {
      this.#unchecked.add(timeline);
    }
    const after = isFirst ? this.#lastBefore(timeline) : this.#last;
    const missing = after && {
      after,
      count:
        (isFirst ? this.#endsOfAncestors(timeline) : 0n) + this.#missingUpTo(position, timeline),
    };
    this.#coveredUpTo.set(timeline, position);
    for (const child of this.#timelines?.childrenOf(timeline) ?? []) {
      if (position < child.begin) this.#fork.set(child.timeline, segment);
    }
    return missing;
  }

  /** On the timeline itself: of a hole in which the last branch lies, only what is in front of that. */
  #missingUpTo(position: bigint, timeline: string): bigint {
    const covered = this.#coverageOf(timeline);
    const branched = (this.#timelines?.childrenOf(timeline) ?? [])
      .map(({ begin }) => begin)
      .filter((begin) => covered < begin);
    const lastBranch = branched.length === 0 ? position : highest(branched);
    const end = lastBranch < position ? lastBranch : position;
    return highest([end - 1n - covered, 0n]);
  }

  /** What the ancestors miss up to their branches, back to the one of which something is there. */
  #endsOfAncestors(timeline: string): bigint {
    let count = 0n;
    for (let child: string | undefined = timeline; child !== undefined;) {
      const branch: Branch | undefined = this.#timelines?.branchOf(child);
      if (branch === undefined) break;
      const end = branch.begin - 1n;
      const covered = this.#coverageOf(branch.parent);
      if (covered < end) {
        count += end - covered;
        this.#coveredUpTo.set(branch.parent, end);
      }
      child = this.#fork.has(child) ? undefined : branch.parent;
    }
    return count;
  }

  /** Undefined where the archive begins with this timeline. */
  #lastBefore(timeline: string): SegmentName | undefined {
    for (let child: string | undefined = timeline; child !== undefined;) {
      const found = this.#fork.get(child);
      if (found !== undefined) return found;
      child = this.#timelines?.branchOf(child)?.parent;
    }
    return undefined;
  }

  #coverageOf(timeline: string): bigint {
    const begin = this.#timelines?.branchOf(timeline)?.begin;
    return this.#coveredUpTo.get(timeline) ?? (begin ?? 0n) - 1n;
  }
}

/** The segment that a timeline begins with. */
function firstOf({ timeline, begin }: Branch, segmentBytes: number): SegmentName {
  const name = segmentNameAt(timeline, startLsn(begin, segmentBytes), segmentBytes);
  const segment = postgresNaming(segmentBytes).parse(name);
  if (segment === undefined) throw new TypeError(`${name} is no segment of ${segmentBytes} bytes`);
  return segment;
}

const highest = (numbers: readonly bigint[]): bigint =>
  numbers.reduce((most, number) => (number > most ? number : most));
