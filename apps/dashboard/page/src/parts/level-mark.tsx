import type { Level, SourceView } from '../../../src/state/page-state.ts';

const words: Readonly<Record<Level, string>> = {
  ok: 'safe',
  warning: 'attention',
  critical: 'critical',
  unknown: 'not seen',
};

const shapes: Readonly<Record<Level, string>> = {
  ok: 'M3 8.5l3.2 3.2L13 5',
  warning: 'M8 3.5v5.5M8 12v.5',
  critical: 'M4 4l8 8M12 4l-8 8',
  unknown: 'M5.5 5.8a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.8-1.1 1.6M8 12.4v.2',
};

/** Colour, shape and word: none of them alone. */
interface LevelMarkProps {
  readonly level: Level;
  /** In place of the level's own. */
  readonly word?: string | undefined;
}

export const LevelMark = ({ level, word = words[level] }: LevelMarkProps) => (
  <span class={`level ${level}`}>
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[level]} />
    </svg>
    {word}
  </span>
);

/** In place of "safe" for a source of which nothing was flushed and nothing archived yet. */
export const NOT_BEGUN = 'nothing yet';

export const hasBegun = ({ archived, backlog, unflushed }: SourceView): boolean =>
  (archived?.segments ?? 0) > 0 ||
  (backlog?.segments ?? 0) > 0 ||
  (unflushed !== null && unflushed.flushedUpTo !== null);

export const wordFor = (source: SourceView): string | undefined =>
  source.level === 'ok' && !hasBegun(source) ? NOT_BEGUN : undefined;
