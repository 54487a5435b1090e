import type { QuarantinedView } from '../../../src/state/page-state.ts';
import { showTime } from '../format.ts';
import { useAsked } from '../live/use-asked.ts';
import { ActionButton } from './action-button.tsx';
import type { ListProps } from './gap-list.tsx';

const REFRESH_MS = 30_000;

export function QuarantineList({ source, readOnly, mark }: ListProps) {
  const path = `/api/sources/${encodeURIComponent(source)}/quarantine`;
  const { value: list = [], again } = useAsked<readonly QuarantinedView[]>(path, REFRESH_MS, mark);
  return (
    <section aria-labelledby="quarantine-title" class="panel">
      <h3 id="quarantine-title" tabIndex={-1}>
        Quarantine
      </h3>
      {list.length === 0 ? (
        <p class="empty">Empty.</p>
      ) : (
        <ul class="entries">
          {list.map(({ segment, record, code, message, hint, quarantinedAt, worker }) => (
            <li key={record}>
              <p>
                <strong>{segment}</strong> <code>{code}</code>
              </p>
              <p>{message}</p>
              <p class="hint">{hint}</p>
              <p class="hint">
                Since {showTime(quarantinedAt)}, by {worker || 'a worker'}
              </p>
              {!readOnly && (
                <ActionButton
                  source={source}
                  action="release"
                  body={{ record }}
                  label="Release"
                  onDone={again}
                >
                  {segment} will be tried again within half a minute. If the reason still holds, it
                  comes back here; its source is kept either way.
                </ActionButton>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
