import type { GapView, QuarantinedView } from '../../../src/state/page-state.ts';
import { showNumber, showTime } from '../format.ts';
import { useAsked } from '../live/api.ts';
import { ActionButton } from './action-button.tsx';

interface ListProps {
  readonly source: string;
  readonly readOnly: boolean;
  /** Asks again when this changes. */
  readonly mark: string;
}

const REFRESH_MS = 30_000;

export function GapList({ source, readOnly, mark }: ListProps) {
  const path = `/api/sources/${encodeURIComponent(source)}/gaps`;
  const { value: gaps = [], again } = useAsked<readonly GapView[]>(path, REFRESH_MS, mark);
  return (
    <section aria-labelledby="gaps-title" class="panel">
      <h3 id="gaps-title" tabIndex={-1}>
        Gaps
      </h3>
      {gaps.length === 0 ? (
        <p class="empty">None: every number between the first and the last is there.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table of gaps">
          <table>
            <thead>
              <tr>
                <th scope="col">After</th>
                <th scope="col">Before</th>
                <th scope="col">Missing</th>
                <th scope="col">Explained</th>
              </tr>
            </thead>
            <tbody>
              {gaps.map((gap) => (
                <tr key={gap.after}>
                  <td>{gap.after}</td>
                  <td>{gap.before}</td>
                  <td>{showNumber(gap.missing)}</td>
                  <td>
                    <Explanation gap={gap} />
                    {gap.acknowledged === null && !readOnly && (
                      <ActionButton
                        source={source}
                        action="acknowledge-gap"
                        body={{ after: gap.after, before: gap.before }}
                        label="Acknowledge"
                        wantsReason
                        onDone={again}
                      >
                        {showNumber(gap.missing)} missing after {gap.after} will count as explained:
                        no alarm, and walq verify passes. The segments stay missing.
                      </ActionButton>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Explanation({ gap: { acknowledged } }: { readonly gap: GapView }) {
  if (acknowledged === null) return <span class="open">not yet </span>;
  return (
    <>
      {acknowledged.reason}{' '}
      <span class="hint">
        {acknowledged.by}, {showTime(acknowledged.at)}
      </span>
    </>
  );
}

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
