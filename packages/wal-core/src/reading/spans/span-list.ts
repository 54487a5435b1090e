/**
 * Spans in order. A long stretch of one state is split into pieces, so that a map can show positions within it. The
 * more
 * segments there are, the longer the pieces, so that memory is bounded.
 */
import type { AcknowledgedGap, KnownGap } from '../../archive/acknowledged-gaps.ts';

const PIECES_MAX = 4_096;

export class SpanList {
  #spans: Span[] = [];
  #pieceMax = 1;
  /** How many spans there were after the pieces were last lengthened. */
  #lastLength = 0;

  add(span: Span): void {
    const last = this.#spans.at(-1);
    const joined = last === undefined ? undefined : joinedWithin(this.#pieceMax, last, span);
    if (joined !== undefined) this.#spans[this.#spans.length - 1] = joined;
    else this.#spans.push(span);
    if (this.#spans.length > this.#lastLength * 2 + PIECES_MAX) this.#lengthenPieces();
  }

  toArray(): readonly Span[] {
    return this.#spans;
  }

  #lengthenPieces(): void {
    this.#pieceMax *= 2;
    const shorter: Span[] = [];
    for (const span of this.#spans) {
      const last = shorter.at(-1);
      const joined = last === undefined ? undefined : joinedWithin(this.#pieceMax, last, span);
      if (joined === undefined) shorter.push(span);
      else shorter[shorter.length - 1] = joined;
    }
    this.#spans = shorter;
    // Where the state changes all the time nothing can be joined, and trying again soon would be wasted.
    this.#lastLength = shorter.length > PIECES_MAX ? shorter.length : 0;
  }
}

function joinedWithin(countMax: number, a: Span, b: Span): Span | undefined {
  if (a.state !== b.state || isGap(a) || a.count + b.count > countMax) return undefined;
  return { state: a.state, first: a.first, last: b.last, count: a.count + b.count };
}

export type SpanState = 'archived' | 'due' | 'missing' | 'acknowledged' | 'quarantined';

/** Neighbouring segments of one state. */
export interface Span {
  readonly state: SpanState;
  /** Names of the first and last segment; for a gap, of its existing neighbours. */
  readonly first: string;
  readonly last: string;
  readonly count: number;
  /** For state `acknowledged` only. */
  readonly explanation?: AcknowledgedGap;
}

const isGap = ({ state }: Span): boolean => state === 'missing' || state === 'acknowledged';

/** The gaps among the spans of a source, in order. */
export const gapsOf = (source: string, spans: readonly Span[]): KnownGap[] =>
  spans.filter(isGap).map(({ first, last, count, explanation }) => ({
    source,
    after: first,
    before: last,
    missing: count,
    acknowledged: explanation ?? null,
  }));

// Maps spans to a few cells of about equal weight, so that a whole archive fits on a screen.

interface Cell {
  /** Names of the first and last segment; next to a gap, of its neighbour. */
  readonly first: string;
  readonly last: string;
  /** Segments of each state; states without segments are absent. */
  readonly counts: Readonly<Partial<Record<SpanState, number>>>;
}

/** A gap takes at most this share of the map, and all gaps together at most half. */
const GAP_PART_MAX = 1 / 20;

/** At most `cellsMax` cells, in order; each span is in one of them. */
export function cellsOf(spans: readonly Span[], cellsMax: number): Cell[] {
  const weigh = weighing(spans);
  const total = spans.reduce((sum, span) => sum + weigh(span), 0);
  const cells: Cell[] = [];
  let open: Span[] = [];
  let weight = 0;
  for (const span of spans) {
    open.push(span);
    weight += weigh(span);
    if (weight * cellsMax < total) continue;
    cells.push(cellOf(open));
    open = [];
    weight = 0;
  }
  if (open.length > 0) cells.push(cellOf(open));
  return cells;
}

function weighing(spans: readonly Span[]): (span: Span) => number {
  const there = spans.reduce((sum, span) => sum + (isGap(span) ? 0 : span.count), 0);
  const gaps = spans.reduce((sum, span) => sum + (isGap(span) ? 1 : 0), 0);
  const gapMax = Math.max(1, there * Math.min(GAP_PART_MAX, 1 / gaps));
  return (span) => (isGap(span) ? Math.min(span.count, gapMax) : span.count);
}

function cellOf(spans: readonly Span[]): Cell {
  const counts: Partial<Record<SpanState, number>> = {};
  for (const { state, count } of spans) counts[state] = (counts[state] ?? 0) + count;
  return { first: spans[0]?.first ?? '', last: spans.at(-1)?.last ?? '', counts };
}
