/**
 * Spans in order, as many as tell the states apart. Long stretches of one state are kept in pieces, so that
 * a map can name places within them; the more there is, the longer the pieces, so that memory stays bounded.
 */
import { type Span, isGap } from './span.ts';

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
