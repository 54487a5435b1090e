/** Charts of the last hours of a source, drawn by uPlot. */
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { History } from '../../../src/state/page-state.ts';
import { showBytes, showClock, showNumber, showSeconds, showTime } from '../format.ts';
import { usePolled } from '../live/api.ts';
import { axisValues, byteRates, bytes, clockSteps, counts, spans, type AxisScale } from './axis.ts';

interface ChartProps {
  readonly title: string;
  readonly at: readonly number[];
  readonly lines: readonly (readonly [name: string, values: readonly (number | null)[]])[];
  readonly show: (value: number) => string;
  readonly scale: AxisScale;
}

const REFRESH_MS = 15_000;
const HEIGHT = 170;
const colours = ['--line-1', '--line-2'];

export function Charts({ source }: { readonly source: string }) {
  const path = `/api/sources/${encodeURIComponent(source)}/history`;
  const { value: history } = usePolled<History>(path, REFRESH_MS);
  return (
    <section aria-labelledby="charts-title" class="panel">
      <h3 id="charts-title">Last six hours</h3>
      {history === undefined || history.at.length < 2 ? (
        <p class="empty">The charts appear after one minute.</p>
      ) : (
        <div class="charts">
          <Chart
            title="Backlog"
            at={history.at}
            lines={[['segments', history.dueSegments]]}
            show={showNumber}
            scale={counts}
          />
          <Chart
            title="Throughput"
            at={history.at}
            lines={[
              ['arriving', history.arrivalBytes],
              ['archiving', history.archiveBytes],
            ]}
            show={(value) => `${showBytes(value)}/s`}
            scale={byteRates}
          />
          <Chart
            title="Age of the oldest segment in the backlog"
            at={history.at}
            lines={[['age', history.oldestAgeMs]]}
            show={(ms) => showSeconds(ms / 1_000)}
            scale={spans}
          />
          <Chart
            title="Free disk space"
            at={history.at}
            lines={[
              ['source', history.sourceFreeBytes],
              ['archive', history.archiveFreeBytes],
            ]}
            show={showBytes}
            scale={bytes}
          />
        </div>
      )}
    </section>
  );
}

function Chart({ title, at, lines, show, scale }: ChartProps) {
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const data: UPlot.AlignedData = [
    at.map((ms) => ms / 1_000),
    ...lines.map(([, values]) => [...values]),
  ];
  useEffect(() => {
    const element = container.current;
    if (element === null) return undefined;
    plot.current = new UPlot(optionsFor(element, { lines, show, scale }), data, element);
    const observer = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [at.at(-1)]);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <div ref={container} role="img" aria-label={summaryOf(title, lines, show)} />
    </figure>
  );
}

/** The time axis covers at least this many seconds, so that it has labels at round minutes from the start. */
const TIME_SPAN_S_MIN = 600;

function optionsFor(
  element: HTMLElement,
  { lines, show, scale }: Pick<ChartProps, 'lines' | 'show' | 'scale'>,
): UPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 } };
  const value = (_: UPlot, at: number | null): string => (at === null ? '–' : show(at));
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { y: false },
    scales: {
      x: { range: (_, min, max) => [Math.min(min, max - TIME_SPAN_S_MIN), max] },
      y: { range: (_, __, max) => [0, axisValues(scale, max).at(-1) ?? 1] },
    },
    axes: [
      {
        ...axis,
        incrs: [...clockSteps],
        values: (_, at) => at.map((seconds) => showClock(seconds * 1_000)),
      },
      {
        ...axis,
        size: 76,
        splits: (_, __, ___, max) => axisValues(scale, max),
        values: (_, at) => at.map(scale.labelFor(at[1] ?? 1, at.at(-1) ?? 0)),
      },
    ],
    series: [
      {
        label: 'Time',
        value: (_, at: number | null) => (at === null ? '–' : showTime(at * 1_000)),
      },
      ...lines.map(([label], index) => ({
        label,
        value,
        stroke: colour(colours[index] ?? '--line-1'),
        width: 2,
        ...(index === 1 && { dash: [6, 4] }),
      })),
    ],
  };
}

function summaryOf(title: string, lines: ChartProps['lines'], show: ChartProps['show']): string {
  const now = lines.map(([name, values]) => {
    const last = values.at(-1);
    return `${name} ${last === null || last === undefined ? 'unknown' : show(last)}`;
  });
  return `${title}, now: ${now.join(', ')}`;
}
