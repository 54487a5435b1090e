import type { PageState } from '../../../src/state/page-state.ts';
import { showTime } from '../format.ts';
import { sourceLink } from '../live/use-route.ts';
import { ActionButton } from './action-button.tsx';

export const Failures = ({ state }: { readonly state: PageState }) => (
  <section aria-labelledby="failures-title">
    <h2 id="failures-title">Failures</h2>
    {state.failures.length === 0 ? (
      <p class="empty">None lately.</p>
    ) : (
      <ul class="entries">
        {state.failures.map(({ source, segment, kind, code, message, hint, at }) => (
          <li key={`${source} ${segment ?? ''} ${at ?? ''} ${code}`}>
            <p>
              <a href={sourceLink(source)}>{source}</a>{' '}
              {segment !== null && <strong>{segment}</strong>} <code>{code}</code>{' '}
              <span class="hint">{kind}</span>
            </p>
            <p>{message}</p>
            <p class="hint">{hint}</p>
            {at !== null && <p class="hint">{showTime(at)}</p>}
            {!state.readOnly && segment !== null && kind === 'retried' && (
              <ActionButton source={source} action="retry" body={{ segment }} label="Retry">
                {segment} is tried again now, without waiting longer.
              </ActionButton>
            )}
          </li>
        ))}
      </ul>
    )}
  </section>
);
