import type { PageState } from '../../../src/state/page-state.ts';
import { showSince, showTime } from '../format.ts';
import { hasBegun, LevelMark, NOT_BEGUN } from './level-mark.tsx';
import { SourceLinks } from './source-link.tsx';

const REASONS_MAX = 6;

/** The answer that an operator came for. */
export function VerdictBanner({ state }: { readonly state: PageState }) {
  const { verdict, at } = state;
  const word = verdict.level === 'ok' ? NOT_BEGUN : undefined;
  const more = verdict.reasons.length - REASONS_MAX;
  return (
    <section class={`verdict ${verdict.level}`} aria-label="Verdict">
      <div aria-live="polite" aria-atomic="true">
        <LevelMark level={verdict.level} word={state.sources.some(hasBegun) ? undefined : word} />
        <p class="sentence">{verdict.sentence}</p>
      </div>
      {verdict.reasons.length > 0 && (
        <ul class="reasons">
          {verdict.reasons.slice(0, REASONS_MAX).map(({ message, hint, sources, level, since }) => (
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
