import type { PageState } from '../../../src/state/page-state.ts';
import { wordFor } from '../begun.ts';
import { ActionButton } from './action-button.tsx';
import { ArchiveMapView } from './archive-map.tsx';
import { Charts } from './charts.tsx';
import { GapList } from './gap-list.tsx';
import { LevelMark } from './level-mark.tsx';
import { QuarantineList } from './quarantine-list.tsx';
import { SourceFacts } from './source-cards.tsx';
import { Stages } from './stages.tsx';

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
