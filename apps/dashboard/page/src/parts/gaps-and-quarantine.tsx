import type { GapView, QuarantinedView } from '../../../src/state/page-state.ts';
import { showNumber, showTime } from '../format.ts';
import { usePolled } from '../live/api.ts';
import { ActionButton } from './action-button.tsx';

interface ListProps {
  readonly source: string;
  readonly readOnly: boolean;
  /** The list is loaded again when this changes. */
  readonly mark: string;
}

const REFRESH_MS = 30_000;

export function GapList({ source, readOnly, mark }: ListProps) {
  const path = `/api/sources/${encodeURIComponent(source)}/gaps`;
  const { value: gaps = [], refresh } = usePolled<readonly GapView[]>(path, REFRESH_MS, mark);
  return (
    <section aria-labelledby="gaps-title" class="panel">
      <h3 id="gaps-title" tabIndex={-1}>
        Gaps
      </h3>
      {gaps.length === 0 ? (
        <p class="empty">No segments are missing between the first and the last.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table of gaps">
          <table>
            <thead>
              <tr>
                <th scope="col">After</th>
                <th scope="col">Before</th>
                <th scope="col" class="number">
                  Missing
                </th>
                <th scope="col">Acknowledged</th>
              </tr>
            </thead>
            <tbody>
              {gaps.map((gap) => (
                <tr key={gap.after}>
                  <td>{gap.after}</td>
                  <td>{gap.before}</td>
                  <td class="number">{showNumber(gap.missing)}</td>
                  <td>
                    <Explanation gap={gap} />
                    {gap.acknowledged === null && !readOnly && (
                      <ActionButton
                        source={source}
                        action="acknowledge-gap"
                        body={{ after: gap.after, before: gap.before }}
                        label="Acknowledge"
                        needsReason
                        onDone={refresh}
                      >
                        Marks the gap after {gap.after} (missing segments: {showNumber(gap.missing)}
                        ) as acknowledged. Its alert ends, and <code>walq verify</code> no longer
                        fails because of it. The segments stay missing.
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
  if (acknowledged === null) return <span class="open">no </span>;
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
  const { value: list = [], refresh } = usePolled<readonly QuarantinedView[]>(
    path,
    REFRESH_MS,
    mark,
  );
  return (
    <section aria-labelledby="quarantine-title" class="panel">
      <h3 id="quarantine-title" tabIndex={-1}>
        Quarantine
      </h3>
      {list.length === 0 ? (
        <p class="empty">No segments are in quarantine.</p>
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
                Quarantined on {showTime(quarantinedAt)} by {worker || 'a worker'}
              </p>
              {!readOnly && (
                <ActionButton
                  source={source}
                  action="release"
                  body={{ record }}
                  label="Release"
                  onDone={refresh}
                >
                  Returns {segment} to the queue within 30 seconds. If it fails again for the same
                  reason, it is quarantined again. Its source is kept in either case.
                </ActionButton>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
