import type { PageState, StageView } from '../../../src/state/page-state.ts';
import { durationFormatFor, showCount } from '../format.ts';
import { ActionButton } from './action-button.tsx';
import { ArchiveMapView } from './archive-map.tsx';
import { Charts } from './charts.tsx';
import { GapList, QuarantineList } from './gaps-and-quarantine.tsx';
import { LevelMark, wordFor } from './level-mark.tsx';
import { SourceFacts } from './source-cards.tsx';

export function SourcePage({ state, name }: { readonly state: PageState; readonly name: string }) {
  const source = state.sources.find((one) => one.name === name);
  if (source === undefined) return <p class="empty">The source ‘{name}’ is not configured.</p>;
  const { readOnly } = state;
  const { openGaps, acknowledgedGaps, quarantined, archived, backlog } = source;
  const isPaused = (source.queue?.pause ?? null) !== null;
  const lists = { source: name, readOnly };
  return (
    <>
      <p>
        <a href="#/">← All sources</a>
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
                  Workers stop taking segments of {name} until you resume it. Segments accumulate on
                  the disk of the source. The archive_command of a PostgreSQL source continues to
                  archive on its own, one file at a time.
                </ActionButton>
              )}
              {(source.queue?.delayed ?? 0) > 0 && (
                <ActionButton source={name} action="retry-all" label="Retry all">
                  Retries all failed segments of {name} now. Without this, walq retries each of them
                  later.
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
  wait: 'from sealed until a worker takes the segment',
  read: 'reads the source',
  compress: 'computes the checksum and compresses',
  store: 'writes, fsyncs and publishes the object',
  confirm: 'decodes the object and compares it',
  delete: 'deletes the source',
};

function Stages({ stages }: { readonly stages: readonly StageView[] }) {
  const show = durationFormatFor(stages.map(({ maxMs }) => maxMs));
  return (
    <section aria-labelledby="stages-title" class="panel">
      <h3 id="stages-title">Time by stage</h3>
      {stages.length === 0 ? (
        <p class="empty">No segments were archived in the last hour.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table of stages">
          <table>
            <caption>The last {showCount(stages[0]?.count ?? 0, 'segment')}</caption>
            <thead>
              <tr>
                <th scope="col">Stage</th>
                {['Median', '95th percentile', 'Maximum'].map((title) => (
                  <th key={title} scope="col" class="number">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {stages.map(({ stage, p50Ms, p95Ms, maxMs }) => (
                <tr key={stage}>
                  <th scope="row">
                    {stage} <span class="hint">{meanings[stage]}</span>
                  </th>
                  <td class="number">{show(p50Ms)}</td>
                  <td class="number">{show(p95Ms)}</td>
                  <td class="number">{show(maxMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
