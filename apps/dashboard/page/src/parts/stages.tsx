import type { StageView } from '../../../src/state/page-state.ts';
import { showSeconds } from '../format.ts';

const meanings: Readonly<Record<StageView['stage'], string>> = {
  wait: 'from sealing until a worker took it',
  read: 'reading the source',
  compress: 'checksum and zstd',
  store: 'writing, fsync, publishing',
  confirm: 'decoding and comparing',
  delete: 'removing the source',
};

const show = (ms: number): string => showSeconds(ms / 1_000);

export function Stages({ stages }: { readonly stages: readonly StageView[] }) {
  return (
    <section aria-labelledby="stages-title" class="panel">
      <h3 id="stages-title">Time by stage</h3>
      {stages.length === 0 ? (
        <p class="empty">Nothing was archived within the last hour.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table of stages">
          <table>
            <caption>Of the last {stages[0]?.count} segments</caption>
            <thead>
              <tr>
                <th scope="col">Stage</th>
                <th scope="col">Half within</th>
                <th scope="col">95 % within</th>
                <th scope="col">Longest</th>
              </tr>
            </thead>
            <tbody>
              {stages.map(({ stage, p50Ms, p95Ms, maxMs }) => (
                <tr key={stage}>
                  <th scope="row">
                    {stage} <span class="hint">{meanings[stage]}</span>
                  </th>
                  <td>{show(p50Ms)}</td>
                  <td>{show(p95Ms)}</td>
                  <td>{show(maxMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
