import type { FailureView, PageState } from '../../../src/state/page-state.ts';
import { showCount, showSince } from '../format.ts';
import { ActionButton } from './action-button.tsx';
import { SourceLinks } from './source-link.tsx';

const words: Readonly<Record<FailureView['kind'], string>> = {
  retried: 'retried',
  missing: 'missing',
  quarantined: 'in quarantine',
  stopped: 'stopped',
};

/** One card for each cause, however many segments it meets. */
export const Failures = ({ state }: { readonly state: PageState }) => (
  <section aria-labelledby="failures-title">
    <h2 id="failures-title">Failures</h2>
    {state.failures.length === 0 ? (
      <p class="empty">None lately.</p>
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
  const { sources, segment, segments, kind, code, message, hint, since, isOver } = failure;
  const [source] = sources;
  return (
    <>
      <p>
        <SourceLinks sources={sources} /> <code>{code}</code>{' '}
        <span class="hint">
          {isOver ? 'ended' : words[kind]}
          {segments !== null && segments > 0 && `, ${showCount(segments, 'segment')}`}
          {since !== null && `, since ${showSince(since, state.at)}`}
        </span>
      </p>
      <p>
        {segment !== null && segments !== null && segments > 1 && (
          <span class="hint">such as {segment}. </span>
        )}
        {message}
      </p>
      <p class="hint">{hint}</p>
      {!state.readOnly && !isOver && segment !== null && kind === 'retried' && source && (
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
      {segment} is tried again now, without waiting longer.
    </ActionButton>
  ) : (
    <ActionButton source={source} action="retry-all" label="Retry all">
      All segments of {source} that wait after a failure are tried again now.
    </ActionButton>
  );
