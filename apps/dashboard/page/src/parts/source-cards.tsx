import type { DiskView, PageState, SourceView } from '../../../src/state/page-state.ts';
import { showAge, showBytes, showCount, showNumber, showUntil } from '../format.ts';
import { LevelMark, wordFor } from './level-mark.tsx';
import { sourceLink } from './source-link.tsx';

export const SourceCards = ({ state }: { readonly state: PageState }) => (
  <section aria-labelledby="sources-title">
    <h2 id="sources-title">Sources</h2>
    {state.sources.length === 0 && <p class="empty">No sources are configured.</p>}
    <div class="cards">
      {state.sources.map((source) => (
        <article key={source.name} class={`card ${source.level}`}>
          <header>
            <h3>
              <a href={sourceLink(source.name)}>{source.name}</a>
            </h3>
            <LevelMark level={source.level} word={wordFor(source)} />
          </header>
          <SourceFacts source={source} now={state.at} />
        </article>
      ))}
    </div>
  </section>
);

interface FactsProps {
  readonly source: SourceView;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function SourceFacts({ source, now }: FactsProps) {
  const { backlog, rates, ratio, archived, problem, lookedAt } = source;
  return (
    <>
      {problem !== null && (
        <p class="problem">
          {problem.message}. <span class="hint">{problem.hint}</span>
        </p>
      )}
      <Marks source={source} />
      <dl class="facts">
        <Fact term="Backlog">
          {backlog === null
            ? '–'
            : `${showCount(backlog.segments, 'segment')}, ${showBytes(backlog.bytes)}`}
        </Fact>
        <Fact term="Oldest waits">{showAge(backlog?.oldestAgeMs ?? null)}</Fact>
        <Fact term="Arriving">
          {rates === null ? '–' : rateOf(rates.arrivalSegments, rates.arrivalBytes)}
        </Fact>
        <Fact term="Archiving">
          {rates === null ? '–' : rateOf(rates.archiveSegments, rates.archiveBytes)}
        </Fact>
        {source.unflushed !== null && source.unflushed.segments > 0 && (
          <Fact term="Not flushed">
            {`${showCount(source.unflushed.segments, 'segment')}, ${showBytes(source.unflushed.bytes)}`}
          </Fact>
        )}
        <Fact term="Drained in">{drainOf(source)}</Fact>
        <Fact term="Compression">{ratio === null ? '–' : `${ratio.toFixed(1)}×`}</Fact>
        <Fact term="Archived">{archived === null ? '–' : showNumber(archived.segments)}</Fact>
        <Fact term="Looked at">
          {lookedAt === null ? 'never' : `${showAge(Math.max(0, now - lookedAt))} ago`}
        </Fact>
        {disksOf(source).map(({ places, disk }) => (
          <Disk key={places} places={places} disk={disk} />
        ))}
      </dl>
    </>
  );
}

const Fact = ({ term, children }: { readonly term: string; readonly children: string }) => (
  <div>
    <dt>{term}</dt>
    <dd>{children}</dd>
  </div>
);

const LATE_MS = 300_000;

/** While a backlog is young it comes and goes, and a rate of some minutes says nothing of its end. */
function drainOf({ backlog, drainedInS }: SourceView): string {
  if (backlog === null) return '–';
  if (backlog.segments === 0) return 'nothing waits';
  if (drainedInS !== 'never') return showUntil(drainedInS);
  return (backlog.oldestAgeMs ?? 0) < LATE_MS ? 'as fast as it arrives' : 'it does not shrink';
}

/** Source and archive on one filesystem are one disk. */
function disksOf({ disks }: SourceView) {
  const [source, archive] = disks;
  const isOne =
    archive !== undefined &&
    source?.filesystem !== null &&
    source?.filesystem === archive.filesystem;
  if (isOne) return [{ places: 'source and archive', disk: archive }];
  return disks.map((disk) => ({ places: disk.place as string, disk }));
}

function Disk({ places, disk }: { readonly places: string; readonly disk: DiskView }) {
  const { freeBytes, sizeBytes, fullInS } = disk;
  const usedPart = sizeBytes === 0 ? 0 : 1 - freeBytes / sizeBytes;
  return (
    <div class="wide">
      <dt>Disk of {places}</dt>
      <dd>
        <meter min={0} max={1} high={0.9} value={usedPart} aria-label={`Disk of ${places}, used`} />
        {showBytes(freeBytes)} free{fillingOf(fullInS)}
      </dd>
    </div>
  );
}

function fillingOf(fullInS: DiskView['fullInS']): string {
  if (fullInS === null) return '';
  return fullInS === 'never' ? ', does not fill' : `, full in ${showUntil(fullInS)}`;
}

function Marks({ source }: { readonly source: SourceView }) {
  const { lost, openGaps, quarantined, acknowledgedGaps, queue, seenBy } = source;
  const marks: readonly (readonly [string, string])[] = [
    ...(lost > 0 ? [[`${lost} lost`, 'critical'] as const] : []),
    ...(openGaps > 0 ? [[showCount(openGaps, 'gap'), 'critical'] as const] : []),
    ...(quarantined > 0 ? [[`${quarantined} in quarantine`, 'warning'] as const] : []),
    ...((queue?.pause ?? null) !== null ? [['paused', 'warning'] as const] : []),
    ...(acknowledgedGaps > 0
      ? [[`${showCount(acknowledgedGaps, 'gap')} explained`, 'calm'] as const]
      : []),
    ...(seenBy === 'producer' ? [['as its producer reports', 'calm'] as const] : []),
  ];
  if (marks.length === 0) return null;
  return (
    <ul class="marks" aria-label="Remarks">
      {marks.map(([text, kind]) => (
        <li key={text} class={kind}>
          {text}
        </li>
      ))}
    </ul>
  );
}

const rateOf = (segments: number, bytes: number): string =>
  segments === 0
    ? 'nothing'
    : `${showBytes(bytes)}/s (${segments.toFixed(segments < 10 ? 2 : 0)}/s)`;
