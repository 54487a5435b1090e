/** Spans as a map of few cells, each about as many segments, so that a whole archive fits a screen. */
import { isGap, type Span, type SpanState } from './span.ts';

export interface Cell {
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
