import type { SourceView } from '../../src/state/page-state.ts';

/** In place of "safe" for a source of which nothing was flushed and nothing archived yet. */
export const NOT_BEGUN = 'nothing yet';

export const hasBegun = ({ archived, backlog, unflushed }: SourceView): boolean =>
  (archived?.segments ?? 0) > 0 ||
  (backlog?.segments ?? 0) > 0 ||
  (unflushed !== null && unflushed.flushedUpTo !== null);

export const wordFor = (source: SourceView): string | undefined =>
  source.level === 'ok' && !hasBegun(source) ? NOT_BEGUN : undefined;
