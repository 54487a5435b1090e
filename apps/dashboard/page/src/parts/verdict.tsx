import type { PageState } from '../../../src/state/page-state.ts';
import { showTime } from '../format.ts';
import { sourceLink } from '../live/use-route.ts';
import { LevelMark } from './level-mark.tsx';

const REASONS_MAX = 6;

/** The answer that an operator came for. */
export function VerdictBanner({ state }: { readonly state: PageState }) {
  const { verdict, at } = state;
  const more = verdict.reasons.length - REASONS_MAX;
  return (
    <section class={`verdict ${verdict.level}`} aria-label="Verdict">
      <div aria-live="polite" aria-atomic="true">
        <LevelMark level={verdict.level} />
        <p class="sentence">{verdict.sentence}</p>
      </div>
      {verdict.reasons.length > 0 && (
        <ul class="reasons">
          {verdict.reasons.slice(0, REASONS_MAX).map(({ message, hint, source, level }) => (
            <li key={message} class={level}>
              {source === undefined ? message : <a href={sourceLink(source)}>{message}</a>}
              <span class="hint">{hint}</span>
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
