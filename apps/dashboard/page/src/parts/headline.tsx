import type { PageState } from '../../../src/state/page-state.ts';
import { showSince, showTime } from '../format.ts';
import { hasBegun, LevelMark, NOT_BEGUN } from './level-mark.tsx';
import { SourceLinks } from './source-link.tsx';

const REASONS_MAX = 6;

/** Answers "Is my WAL safe? If not, how long do I have?". */
export function HeadlineBanner({ state }: { readonly state: PageState }) {
  const { headline, at } = state;
  const word = headline.level === 'ok' ? NOT_BEGUN : undefined;
  const more = headline.reasons.length - REASONS_MAX;
  return (
    <section class={`headline ${headline.level}`} aria-label="Status">
      <div aria-live="polite" aria-atomic="true">
        <LevelMark level={headline.level} word={state.sources.some(hasBegun) ? undefined : word} />
        <p class="sentence">{headline.sentence}</p>
      </div>
      {headline.reasons.length > 0 && (
        <ul class="reasons">
          {headline.reasons
            .slice(0, REASONS_MAX)
            .map(({ message, hint, sources, level, since }) => (
              <li key={`${message} ${sources.join(' ')}`} class={level}>
                <p>
                  <SourceLinks sources={sources} />
                  {since !== null && <span class="hint">since {showSince(since, at)}</span>}
                </p>
                <p>{message}.</p>
                <p class="hint">{hint}</p>
              </li>
            ))}
          {more > 0 && <li>and {more} more</li>}
        </ul>
      )}
      <p class="seen">
        As of <time dateTime={new Date(at).toISOString()}>{showTime(at)}</time>
      </p>
    </section>
  );
}
