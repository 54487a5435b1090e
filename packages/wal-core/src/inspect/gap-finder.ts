import { compareSegments, missingBetween, type SegmentName } from '../segment/index.ts';

/** Numbers that are missing between two segments that are there. */
export interface Gap {
  readonly source: string;
  /** The last segment before the gap, and the first behind it. */
  readonly after: string;
  readonly before: string;
  /** How many numbers are missing. */
  readonly missing: number;
}

/** Fed with archived segments in order; what is still at the source fills its place. */
export class GapFinder {
  readonly #source: string;
  readonly #atSource: readonly SegmentName[];
  #nextAtSource = 0;
  #last: SegmentName | undefined;
  readonly #gaps: Gap[] = [];

  constructor(source: string, atSource: readonly SegmentName[]) {
    this.#source = source;
    this.#atSource = atSource;
  }

  next(segment: SegmentName): void {
    for (;;) {
      const there = this.#atSource[this.#nextAtSource];
      if (there === undefined || compareSegments(there, segment) >= 0) break;
      this.#step(there);
      this.#nextAtSource += 1;
    }
    this.#step(segment);
  }

  finish(): readonly Gap[] {
    for (const segment of this.#atSource.slice(this.#nextAtSource)) this.#step(segment);
    return this.#gaps;
  }

  #step(segment: SegmentName): void {
    const missing = this.#last === undefined ? 0n : missingBetween(this.#last, segment);
    if (this.#last !== undefined && missing > 0n) {
      const between = { after: this.#last.name, before: segment.name };
      this.#gaps.push({ source: this.#source, ...between, missing: Number(missing) });
    }
    this.#last = segment;
  }
}
