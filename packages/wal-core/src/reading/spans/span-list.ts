/**
 * Spans in order, as many as tell the states apart. Long stretches of one state are kept in pieces, so that
 * a map can name places within them; the more there is, the longer the pieces, so that memory stays bounded.
 */
import type { AcknowledgedGap, KnownGap } from '../../archive/acknowledged-gaps.ts';

const PIECES_MAX = 4_096;

export class SpanList {
  #spans: Span[] = [];
  #pieceMax = 1;
  /** How many spans there were after the pieces last became longer. */
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
    // Where states change all the time nothing can be joined; looking again at once would be in vain.
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
  /** Names of the first and the last; of missing ones, of their neighbours that are there. */
  readonly first: string;
  readonly last: string;
  readonly count: number;
  /** Of state `acknowledged`. */
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

// Spans as a map of few cells, each about as many segments, so that a whole archive fits a screen.

interface Cell {
  /** Names of the first and last segment; next to a gap, of its neighbour. */
  readonly first: string;
  readonly last: string;
  /** How many segments of each state; states without any are left out. */
  readonly counts: Readonly<Partial<Record<SpanState, number>>>;
}

/** Of all that is drawn one gap takes at most this part, and all together at most half. */
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
