import type { HealthLevel, SourceView } from '../../../src/state/page-state.ts';

const words: Readonly<Record<HealthLevel, string>> = {
  ok: 'OK',
  warning: 'Warning',
  critical: 'Critical',
  unknown: 'Unknown',
};

const shapes: Readonly<Record<HealthLevel, string>> = {
  ok: 'M3 8.5l3.2 3.2L13 5',
  warning: 'M8 3.5v5.5M8 12v.5',
  critical: 'M4 4l8 8M12 4l-8 8',
  unknown: 'M5.5 5.8a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.8-1.1 1.6M8 12.4v.2',
};

interface LevelMarkProps {
  readonly level: HealthLevel;
  /** Replaces the level's own word. */
  readonly word?: string | undefined;
}

/** Shows a level by colour, shape and word, so that a reader need not see colours. */
export const LevelMark = ({ level, word = words[level] }: LevelMarkProps) => (
  <span class={`level ${level}`}>
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[level]} />
    </svg>
    {word}
  </span>
);

/** Shown instead of "OK" for a source with nothing flushed and nothing archived. */
export const NOT_BEGUN = 'No data yet';

export const hasBegun = ({ archived, backlog, unflushed }: SourceView): boolean =>
  (archived?.segments ?? 0) > 0 ||
  (backlog?.segments ?? 0) > 0 ||
  (unflushed !== null && unflushed.flushedUpTo !== null);

export const wordFor = (source: SourceView): string | undefined =>
  source.level === 'ok' && !hasBegun(source) ? NOT_BEGUN : undefined;
