export { cellsOf, type Cell } from './cells-of.ts';
export { GapJudge, type Missing } from './gap-judge.ts';
export { gapsOf } from './gaps-of.ts';
export type { Span, SpanState } from './span.ts';
export { SpanFinder, type AtSource, type SpanFinderOptions } from './span-finder.ts';
