import type { KnownGap } from '../../archive/acknowledged-gaps.ts';
import { isGap, type Span } from './span.ts';

/** The gaps among the spans of a source, in order. */
export const gapsOf = (source: string, spans: readonly Span[]): KnownGap[] =>
  spans.filter(isGap).map(({ first, last, count, explanation }) => ({
    source,
    after: first,
    before: last,
    missing: count,
    acknowledged: explanation ?? null,
  }));
