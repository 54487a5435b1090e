import type { FailureView, PageState } from '../../../src/state/page-state.ts';
import { showCount, showSince } from '../format.ts';
import { ActionButton } from './action-button.tsx';
import { SourceLinks } from './source-link.tsx';

const words: Readonly<Record<FailureView['kind'], string>> = {
  retried: 'retrying',
  missing: 'missing',
  quarantined: 'in quarantine',
  stopped: 'stopped',
};

/** One card for each cause, however many segments it affects. */
export const Failures = ({ state }: { readonly state: PageState }) => (
  <section aria-labelledby="failures-title">
    <h2 id="failures-title">Failures</h2>
    {state.failures.length === 0 ? (
      <p class="empty">No recent failures.</p>
    ) : (
      <ul class="entries">
        {state.failures.map((failure) => (
          <li key={`${failure.sources.join(' ')} ${failure.kind} ${failure.code}`}>
            <FailureCard failure={failure} state={state} />
          </li>
        ))}
        {state.moreFailures > 0 && <li>{showCount(state.moreFailures, 'more cause')}</li>}
      </ul>
    )}
  </section>
);

interface CardProps {
  readonly failure: FailureView;
  readonly state: PageState;
}

function FailureCard({ failure, state }: CardProps) {
  const { sources, segment, segments, kind, code, message, hint, since, hasEnded } = failure;
  const [source] = sources;
  return (
    <>
      <p>
        <SourceLinks sources={sources} /> <code>{code}</code>{' '}
        <span class="hint">
          {hasEnded ? 'recovered' : words[kind]}
          {segments !== null && segments > 0 && `, ${showCount(segments, 'segment')}`}
          {since !== null && `, since ${showSince(since, state.at)}`}
        </span>
      </p>
      <p>
        {segment !== null && segments !== null && segments > 1 && (
          <span class="hint">For example {segment}: </span>
        )}
        {message}
      </p>
      <p class="hint">{hint}</p>
      {!state.readOnly && !hasEnded && segment !== null && kind === 'retried' && source && (
        <Retry source={source} segment={segment} isOne={segments === 1} />
      )}
    </>
  );
}

interface RetryProps {
  readonly source: string;
  readonly segment: string;
  readonly isOne: boolean;
}

const Retry = ({ source, segment, isOne }: RetryProps) =>
  isOne ? (
    <ActionButton source={source} action="retry" body={{ segment }} label="Retry">
      Retries {segment} now. Without this, walq retries it later.
    </ActionButton>
  ) : (
    <ActionButton source={source} action="retry-all" label="Retry all">
      Retries all failed segments of {source} now. Without this, walq retries each of them later.
    </ActionButton>
  );
