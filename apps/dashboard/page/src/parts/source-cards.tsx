import type { DiskView, PageState, SourceView } from '../../../src/state/page-state.ts';
import { bytesFormatFor, showAge, showCount, showUntil } from '../format.ts';
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
  const { backlog, unflushed, rates, ratio, archived, problem, scannedAt } = source;
  const showSize = bytesFormatFor([backlog?.bytes ?? 0, unflushed?.bytes ?? 0]);
  const showRate = rateFormatFor(source);
  const showFree = bytesFormatFor(source.disks.map(({ freeBytes }) => freeBytes));
  const amount = ({ segments, bytes }: { readonly segments: number; readonly bytes: number }) =>
    `${showCount(segments, 'segment')}, ${showSize(bytes)}`;
  return (
    <>
      {problem !== null && (
        <p class="problem">
          {problem.message}. <span class="hint">{problem.hint}</span>
        </p>
      )}
      <Marks source={source} />
      <dl class="facts">
        <Fact term="Backlog">{backlog === null ? '–' : amount(backlog)}</Fact>
        <Fact term="Oldest in backlog">{showAge(backlog?.oldestAgeMs ?? null)}</Fact>
        <Fact term="Time to drain">{drainOf(source)}</Fact>
        <Fact term="Arriving">
          {rates === null ? '–' : showRate(rates.arrivalSegments, rates.arrivalBytes)}
        </Fact>
        <Fact term="Archiving">
          {rates === null ? '–' : showRate(rates.archiveSegments, rates.archiveBytes)}
        </Fact>
        {unflushed !== null && unflushed.segments > 0 && (
          <Fact term="Not flushed">{amount(unflushed)}</Fact>
        )}
        <Fact term="Archived">
          {archived === null ? '–' : showCount(archived.segments, 'segment')}
        </Fact>
        <Fact term="Compression ratio">{ratio === null ? '–' : `${ratio.toFixed(1)}×`}</Fact>
        <Fact term="Last scan">
          {scannedAt === null ? 'never' : `${showAge(Math.max(0, now - scannedAt))} ago`}
        </Fact>
        {disksOf(source).map(({ name, disk }) => (
          <Disk key={name} name={name} disk={disk} show={showFree} />
        ))}
      </dl>
    </>
  );
}

const Fact = ({ term, children }: { readonly term: string; readonly children: string }) => (
  <div>
    <dt>{term}</dt>
    <dd>{breakAtCommas(children)}</dd>
  </div>
);

/** Keeps each number with its unit on narrow screens. */
const breakAtCommas = (text: string): string =>
  text
    .split(', ')
    .map((part) => part.replaceAll(' ', '\u00a0'))
    .join(', ');

const LATE_MS = 300_000;

/** A young backlog comes and goes; only of an older one does the rate say that it is not draining. */
function drainOf({ backlog, drainedInS }: SourceView): string {
  if (backlog === null) return '–';
  if (backlog.segments === 0) return 'no backlog';
  if (drainedInS !== 'never') return showUntil(drainedInS);
  return (backlog.oldestAgeMs ?? 0) < LATE_MS ? 'keeping up' : 'not shrinking';
}

/** A source and an archive on the same filesystem share one disk. */
function disksOf({ disks }: SourceView) {
  const [source, archive] = disks;
  const isOne =
    archive !== undefined &&
    source?.filesystem !== null &&
    source?.filesystem === archive.filesystem;
  if (isOne) return [{ name: 'Disk of source and archive', disk: archive }];
  return disks.map((disk) => ({ name: `Disk of ${disk.place}`, disk }));
}

interface DiskProps {
  readonly name: string;
  readonly disk: DiskView;
  readonly show: (bytes: number) => string;
}

function Disk({ name, disk, show }: DiskProps) {
  const { freeBytes, sizeBytes, fullInS } = disk;
  const usedPart = sizeBytes === 0 ? 0 : 1 - freeBytes / sizeBytes;
  return (
    <div class="disk">
      <dt>{name}</dt>
      <dd>{breakAtCommas(`${show(freeBytes)} free${fillingOf(fullInS)}`)}</dd>
      <dd class="gauge">
        <meter min={0} max={1} high={0.9} value={usedPart} aria-label={`${name}, used`} />
      </dd>
    </div>
  );
}

function fillingOf(fullInS: DiskView['fullInS']): string {
  if (fullInS === null) return '';
  return fullInS === 'never' ? ', not filling' : `, full in ${showUntil(fullInS)}`;
}

function Marks({ source }: { readonly source: SourceView }) {
  const { lost, openGaps, quarantined, acknowledgedGaps, queue, figuresFrom } = source;
  const marks: readonly (readonly [string, string])[] = [
    ...(lost > 0 ? [[`${lost} lost`, 'critical'] as const] : []),
    ...(openGaps > 0 ? [[showCount(openGaps, 'gap'), 'critical'] as const] : []),
    ...(quarantined > 0 ? [[`${quarantined} in quarantine`, 'warning'] as const] : []),
    ...((queue?.pause ?? null) !== null ? [['paused', 'warning'] as const] : []),
    ...(acknowledgedGaps > 0
      ? [[`${showCount(acknowledgedGaps, 'gap')} acknowledged`, 'calm'] as const]
      : []),
    ...(figuresFrom === 'producer' ? [['reported by its producer', 'calm'] as const] : []),
  ];
  if (marks.length === 0) return null;
  return (
    <ul class="marks" aria-label="Notes">
      {marks.map(([text, kind]) => (
        <li key={text} class={kind}>
          {text}
        </li>
      ))}
    </ul>
  );
}

/** Shows both rates of a source in the same unit and with the same number of decimals. */
function rateFormatFor({ rates }: SourceView): (segments: number, bytes: number) => string {
  const showBytes = bytesFormatFor([rates?.arrivalBytes ?? 0, rates?.archiveBytes ?? 0]);
  const digits = Math.max(rates?.arrivalSegments ?? 0, rates?.archiveSegments ?? 0) < 10 ? 2 : 0;
  return (segments, bytes) => `${segments.toFixed(digits)} segments/s, ${showBytes(bytes)}/s`;
}
