/** The whole archive in some hundred cells; a cell opens into the part that it stands for. */
import { useRef, useState } from 'preact/hooks';
import type { ArchiveMap, MapCell } from '../../../src/state/page-state.ts';
import { showCount, showNumber } from '../format.ts';
import { useAsked } from '../live/api.ts';

interface Range {
  readonly from: string;
  readonly until: string;
}

const REFRESH_MS = 10_000;
const states = ['missing', 'quarantined', 'due', 'acknowledged', 'archived'] as const;
const words: Readonly<Record<(typeof states)[number], string>> = {
  archived: 'archived',
  due: 'waiting',
  missing: 'missing',
  acknowledged: 'missing, explained',
  quarantined: 'in quarantine',
};

export function ArchiveMapView({
  source,
  mark,
}: {
  readonly source: string;
  readonly mark: string;
}) {
  const [way, setWay] = useState<readonly Range[]>([]);
  const range = way.at(-1);
  const query = range === undefined ? '' : `?${new URLSearchParams({ ...range }).toString()}`;
  const path = `/api/sources/${encodeURIComponent(source)}/map${query}`;
  const { value: map, problem } = useAsked<ArchiveMap>(path, REFRESH_MS, mark);
  return (
    <section aria-labelledby="map-title" class="panel">
      <h3 id="map-title" tabIndex={-1}>
        Map of the archive
      </h3>
      <p class="legend">
        {states.toReversed().map((state) => (
          <span key={state}>
            <i class={`cell ${state}`} aria-hidden="true" /> {words[state]}
          </span>
        ))}
      </p>
      {way.length > 0 && (
        <p class="way">
          <button type="button" class="action" onClick={() => setWay(way.slice(0, -1))}>
            Back out
          </button>{' '}
          {range?.from} – {range?.until}
        </p>
      )}
      {problem !== undefined && <p class="problem">{problem}</p>}
      {map !== undefined && map.cells.length === 0 && <p class="empty">Nothing is archived yet.</p>}
      {map !== undefined && map.cells.length > 0 && (
        <>
          <Cells
            key={path}
            cells={map.cells}
            onOpen={(cell) => {
              const list = listFor(cell);
              if (list === undefined) setWay([...way, { from: cell.first, until: cell.last }]);
              else goTo(list);
            }}
          />
          <p class="ends">
            <span>{map.first}</span>
            <span>{showCount(map.segments, 'segment')}</span>
            <span>{map.last}</span>
          </p>
        </>
      )}
    </section>
  );
}

interface CellsProps {
  readonly cells: readonly MapCell[];
  readonly onOpen: (cell: MapCell) => void;
}

/** One stop for the tab key; arrows go from cell to cell. */
function Cells({ cells, onOpen }: CellsProps) {
  const [current, setCurrent] = useState(0);
  const grid = useRef<HTMLDivElement>(null);
  const shown = cells[Math.min(current, cells.length - 1)];
  const go = (event: KeyboardEvent): void => {
    const step = stepFor(event.key, grid.current);
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(cells.length - 1, current + step));
    setCurrent(next);
    (grid.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <>
      <div ref={grid} class="map" role="group" aria-label="Parts of the archive" onKeyDown={go}>
        {cells.map((cell, index) => (
          <button
            key={`${cell.first} ${cell.last}`}
            type="button"
            class={`cell ${worstOf(cell)}`}
            tabIndex={index === Math.min(current, cells.length - 1) ? 0 : -1}
            aria-label={describe(cell)}
            onFocus={() => setCurrent(index)}
            onPointerEnter={() => setCurrent(index)}
            onClick={() => onOpen(cell)}
          />
        ))}
      </div>
      {shown !== undefined && <p class="cell-detail">{describe(shown)}</p>}
    </>
  );
}

function stepFor(key: string, grid: HTMLElement | null): number | undefined {
  const columns = grid === null ? 1 : getComputedStyle(grid).gridTemplateColumns.split(' ').length;
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    Home: -1e9,
    End: 1e9,
  };
  return steps[key];
}

/** What cannot be taken apart any further is told by a list below; the parts of a range by a finer map. */
function listFor({ first, last, counts }: MapCell): string | undefined {
  const isGap = Object.keys(counts).every(
    (state) => state === 'missing' || state === 'acknowledged',
  );
  if (isGap) return 'gaps-title';
  if (first !== last) return undefined;
  return counts.quarantined === undefined ? 'map-title' : 'quarantine-title';
}

function goTo(titleId: string): void {
  const title = document.getElementById(titleId);
  title?.scrollIntoView({ block: 'center' });
  title?.focus({ preventScroll: true });
}

const worstOf = ({ counts }: MapCell): string =>
  states.find((state) => (counts[state] ?? 0) > 0) ?? 'archived';

function describe({ first, last, counts }: MapCell): string {
  const parts = states
    .filter((state) => (counts[state] ?? 0) > 0)
    .map((state) => `${showNumber(counts[state] ?? 0)} ${words[state]}`);
  return `${first === last ? first : `${first} to ${last}`}: ${parts.join(', ')}`;
}
