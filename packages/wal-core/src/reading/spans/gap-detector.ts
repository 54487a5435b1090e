/**
 * Finds the segments that are missing before each one that exists. For PostgreSQL by timeline: what a timeline misses
 * up to a
 * branch, and at its own start, is missing on the path to what follows. What it would have held after its last branch
 * is not
 * needed, unless the timeline itself continues there.
 */
import { segmentNameAt, startLsn } from '../../source/postgres/wal-file.ts';
import { missingBetween, numberOnTimeline, type SegmentName } from '../../source/segment-name.ts';
import { postgresNaming } from '../../source/postgres-naming.ts';
import type { Branch, Timelines } from '../../archive/timelines.ts';

/** Segments that are missing between `after` and the segment passed to `next`. */
export interface Missing {
  readonly after: SegmentName;
  readonly count: bigint;
}

/** With the segment before which they are missing, which does not exist either. */
interface MissingAtSwitch extends Missing {
  readonly before: SegmentName;
}

/** Call `next` with the existing segments, in order. */
export class GapDetector {
  readonly #timelines: Timelines | undefined;
  #last: SegmentName | undefined;
  /** By timeline: the last segment of its parent before the branch. */
  readonly #fork = new Map<string, SegmentName>();
  /** By timeline: the position up to which segments exist or were reported missing. */
  readonly #coveredUpTo = new Map<string, bigint>();
  readonly #unchecked = new Set<string>();

  constructor(timelines?: Timelines) {
    this.#timelines = timelines;
  }

  next(segment: SegmentName): Missing | undefined {
    const missing =
      segment.timeline === undefined
        ? this.#missingBefore(segment)
        : this.#onTimeline(segment, segment.timeline);
    this.#last = segment;
    return missing === undefined || missing.count === 0n ? undefined : missing;
  }

  /**
   * What is missing before timelines that have nothing but a history file, which alone proves that their parents
   * reached the
   * switch. Call it after the last segment.
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

  /** Timelines after the first whose start no history file states. */
  get unchecked(): readonly string[] {
    return [...this.#unchecked];
  }

  #missingBefore(segment: SegmentName): Missing | undefined {
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

  /** On the timeline itself. Where its last branch lies within the gap, only the part before the branch counts. */
  #missingUpTo(position: bigint, timeline: string): bigint {
    const covered = this.#coverageOf(timeline);
    const branched = (this.#timelines?.childrenOf(timeline) ?? [])
      .map(({ begin }) => begin)
      .filter((begin) => covered < begin);
    const lastBranch = branched.length === 0 ? position : highest(branched);
    const end = lastBranch < position ? lastBranch : position;
    return highest([end - 1n - covered, 0n]);
  }

  /** What the ancestors miss up to their branches, back to the first one that has segments. */
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

  /** Undefined where the archive starts with this timeline. */
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

/** The first segment of a timeline. */
function firstOf({ timeline, begin }: Branch, segmentBytes: number): SegmentName {
  const name = segmentNameAt(timeline, startLsn(begin, segmentBytes), segmentBytes);
  const segment = postgresNaming(segmentBytes).parse(name);
  if (segment === undefined) throw new TypeError(`${name} is no segment of ${segmentBytes} bytes`);
  return segment;
}

const highest = (numbers: readonly bigint[]): bigint =>
  numbers.reduce((most, number) => (number > most ? number : most));
