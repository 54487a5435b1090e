/** The archive and the due segments as spans. It takes the archived segments in order. */
import type { ExplainGap } from '../../archive/acknowledged-gaps.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import type { Timelines } from '../../archive/timelines.ts';
import { GapDetector, type Missing } from './gap-detector.ts';
import { SpanList, type Span, type SpanState } from './span-list.ts';

/** A segment at the source. An `unsealed` one closes a gap but is in no span. */
export interface AtSource {
  readonly segment: SegmentName;
  readonly state: 'due' | 'quarantined' | 'unsealed';
}

export interface SpanFinderOptions {
  /** In order. */
  readonly atSource: readonly AtSource[];
  /** Whether a number that is left out is a missing segment. */
  readonly consecutive: boolean;
  readonly explain: ExplainGap;
  /** Of PostgreSQL. @default no branches are known */
  readonly timelines?: Timelines;
  /**
   * No gaps are reported above this segment: of segments that arrived during the listing, one may be missed and the
   * next seen.
   * @default none
   */
  readonly reliableUpTo?: SegmentName;
  /** Nothing after this segment is reported. @default none */
  readonly until?: SegmentName | undefined;
  /** Segments below the prune floor are in no span. @default none */
  readonly isBelowFloor?: (segment: SegmentName) => boolean;
  /** Whether an archived segment is quarantined. @default none */
  readonly isQuarantined?: (segment: string) => boolean;
}

export class SpanFinder {
  readonly #options: SpanFinderOptions;
  readonly #spans = new SpanList();
  readonly #detector: GapDetector;
  #nextAtSource = 0;

  constructor(options: SpanFinderOptions) {
    this.#options = options;
    this.#detector = new GapDetector(options.timelines);
  }

  /** Timelines whose start could not be checked; see `GapDetector`. */
  get uncheckedTimelines(): readonly string[] {
    return this.#detector.unchecked;
  }

  /** Takes the next archived segment, which may be at the source as well. */
  next(archived: SegmentName): void {
    for (;;) {
      const there = this.#options.atSource[this.#nextAtSource];
      if (there === undefined || compareSegments(there.segment, archived) > 0) break;
      this.#nextAtSource += 1;
      if (compareSegments(there.segment, archived) < 0) this.#step(there.segment, there.state);
    }
    const isQuarantined = this.#options.isQuarantined?.(archived.name) === true;
    this.#step(archived, isQuarantined ? 'quarantined' : 'archived');
  }

  finish(): readonly Span[] {
    for (const { segment, state } of this.#options.atSource.slice(this.#nextAtSource)) {
      this.#step(segment, state);
    }
    if (this.#options.consecutive) this.#gapsAtSwitches();
    return this.#spans.toArray();
  }

  #gapsAtSwitches(): void {
    const { until, isBelowFloor } = this.#options;
    for (const { before, ...missing } of this.#detector.atSwitches()) {
      if (until !== undefined && compareSegments(before, until) > 0) continue;
      if (isBelowFloor?.(before) !== true) this.#addGap(missing, before);
    }
  }

  #step(segment: SegmentName, state: SpanState | 'unsealed'): void {
    if (this.#options.isBelowFloor?.(segment) === true) return;
    if (segment.isAuxiliary !== true && this.#options.consecutive) this.#gapBefore(segment);
    if (state === 'unsealed') return;
    this.#spans.add({ state, first: segment.name, last: segment.name, count: 1 });
  }

  #gapBefore(segment: SegmentName): void {
    const missing = this.#detector.next(segment);
    if (missing === undefined) return;
    const { reliableUpTo } = this.#options;
    if (reliableUpTo !== undefined && compareSegments(segment, reliableUpTo) > 0) return;
    this.#addGap(missing, segment);
  }

  #addGap({ after, count }: Missing, before: SegmentName): void {
    const explanation = this.#options.explain(after, before);
    const between = { first: after.name, last: before.name, count: Number(count) };
    if (explanation === null) this.#spans.add({ state: 'missing', ...between });
    else this.#spans.add({ state: 'acknowledged', ...between, explanation });
  }
}
