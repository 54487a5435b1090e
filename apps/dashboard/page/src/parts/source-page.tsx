import type { PageState, StageView } from '../../../src/state/page-state.ts';
import { showSeconds } from '../format.ts';
import { ActionButton } from './action-button.tsx';
import { ArchiveMapView } from './archive-map.tsx';
import { Charts } from './charts.tsx';
import { GapList, QuarantineList } from './gaps-and-quarantine.tsx';
import { LevelMark, wordFor } from './level-mark.tsx';
import { SourceFacts } from './source-cards.tsx';

export function SourcePage({ state, name }: { readonly state: PageState; readonly name: string }) {
  const source = state.sources.find((one) => one.name === name);
  if (source === undefined) return <p class="empty">There is no source ‘{name}’.</p>;
  const { readOnly } = state;
  const { openGaps, acknowledgedGaps, quarantined, archived, backlog } = source;
  const isPaused = (source.queue?.pause ?? null) !== null;
  const lists = { source: name, readOnly };
  return (
    <>
      <p>
        <a href="#/">All sources</a>
      </p>
      <section class="panel" aria-labelledby="source-title">
        <header class="source-header">
          <h2 id="source-title">{name}</h2>
          <LevelMark level={source.level} word={wordFor(source)} />
        </header>
        <SourceFacts source={source} now={state.at} />
        <p class="buttons">
          <a class="action" href="/queues">
            Jobs of this source
          </a>
          {!readOnly && (
            <>
              {isPaused ? (
                <ActionButton source={name} action="resume" label="Resume">
                  Workers take segments of {name} again.
                </ActionButton>
              ) : (
                <ActionButton source={name} action="pause" label="Pause">
                  Workers take no more segments of {name} until you resume it. They stay on the disk
                  of the source, which fills meanwhile; only PostgreSQL’s own archive_command goes
                  on, file by file.
                </ActionButton>
              )}
              {(source.queue?.delayed ?? 0) > 0 && (
                <ActionButton source={name} action="retry-all" label="Retry all">
                  All segments that wait after a failure are tried again now.
                </ActionButton>
              )}
            </>
          )}
        </p>
      </section>
      <ArchiveMapView
        source={name}
        mark={`${openGaps} ${acknowledgedGaps} ${quarantined} ${archived?.segments} ${backlog?.segments}`}
      />
      <GapList {...lists} mark={`${openGaps} ${acknowledgedGaps}`} />
      <QuarantineList {...lists} mark={`${quarantined}`} />
      <Charts source={name} />
      <Stages stages={source.stages} />
    </>
  );
}

const meanings: Readonly<Record<StageView['stage'], string>> = {
  wait: 'from sealing until a worker took it',
  read: 'reading the source',
  compress: 'checksum and zstd',
  store: 'writing, fsync, publishing',
  confirm: 'decoding and comparing',
  delete: 'removing the source',
};

const show = (ms: number): string => showSeconds(ms / 1_000);

function Stages({ stages }: { readonly stages: readonly StageView[] }) {
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
