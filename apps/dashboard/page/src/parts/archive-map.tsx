/** The whole archive as at most 480 cells. A click on a cell zooms into its segments. */
import { useRef, useState } from 'preact/hooks';
import type { ArchiveMap, MapCell } from '../../../src/state/page-state.ts';
import { showCount, showNumber } from '../format.ts';
import { usePolled } from '../live/api.ts';

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
  acknowledged: 'missing, acknowledged',
  quarantined: 'in quarantine',
};

export function ArchiveMapView({
  source,
  mark,
}: {
  readonly source: string;
  readonly mark: string;
}) {
  const [zooms, setZooms] = useState<readonly Range[]>([]);
  const range = zooms.at(-1);
  const query = range === undefined ? '' : `?${new URLSearchParams({ ...range }).toString()}`;
  const path = `/api/sources/${encodeURIComponent(source)}/map${query}`;
  const { value: map, problem } = usePolled<ArchiveMap>(path, REFRESH_MS, mark);
  return (
    <section aria-labelledby="map-title" class="panel">
      <h3 id="map-title" tabIndex={-1}>
        Archive map
      </h3>
      <p class="legend">
        {states.toReversed().map((state) => (
          <span key={state}>
            <i class={`cell ${state}`} aria-hidden="true" /> {words[state]}
          </span>
        ))}
      </p>
      {zooms.length > 0 && (
        <p>
          <button type="button" class="action" onClick={() => setZooms(zooms.slice(0, -1))}>
            Zoom out
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
              if (list === undefined) setZooms([...zooms, { from: cell.first, until: cell.last }]);
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

/** The tab key stops here once; the arrow keys move from cell to cell. */
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

/** The title of the list that explains a cell; undefined for a cell that the map can zoom into. */
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
