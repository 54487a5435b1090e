/** The contestants on the largest segments as an SVG: a bar for the median, a dot for each round. */
import { createRequire } from 'node:module';
import type { Entry, SetReport } from '../parts/segments.ts';
import type { BenchReport } from '../run-bench.ts';

/** The part of the library that is used here: it comes without types for a single file. */
interface ChartLibrary {
  init(
    element: null,
    theme: null,
    options: { renderer: 'svg'; ssr: true; width: number; height: number },
  ): { setOption(option: object): void; renderToSVGString(): string; dispose(): void };
}

const WIDTH = 860;
const ROW_HEIGHT = 52;

/** Undefined where no segments were measured. */
export function chartOf(report: BenchReport): string | undefined {
  const set = report.segments.at(-1);
  return set === undefined ? undefined : draw(report, set);
}

function draw(report: BenchReport, set: SetReport): string {
  const entries = set.contestants.filter(({ runs }) => runs.length > 0);
  const height = 150 + ROW_HEIGHT * entries.length;
  const chart = loadLibrary().init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height,
  });
  try {
    chart.setOption(optionOf(report, set, entries));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/** One file, which the release keeps; loaded only where a chart is drawn. */
function loadLibrary(): ChartLibrary {
  const require = createRequire(import.meta.url);
  return require('echarts/dist/echarts.common.min.js') as ChartLibrary;
}

function optionOf(
  { machine, level, at }: BenchReport,
  { title, segments }: SetReport,
  entries: readonly Entry[],
): object {
  const subtext = `${machine.cpu}, ${machine.cores} cores, zstd level ${level}, ${at.slice(0, 10)}`;
  return {
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: `${segments} segments archived, ${title}, seconds`, subtext, left: 16, top: 12 },
    grid: { left: 190, right: 40, top: 84, bottom: 40 },
    xAxis: { type: 'value', min: 0, name: 's' },
    yAxis: { type: 'category', inverse: true, data: entries.map(labelOf) },
    series: [barsOf(entries), dotsOf(entries)],
  };
}

const barsOf = (entries: readonly Entry[]): object => ({
  type: 'bar',
  barWidth: '55%',
  itemStyle: { color: '#4c78a8' },
  data: entries.map(({ summary }) => secondsOf(summary?.flushMs.median)),
});

const dotsOf = (entries: readonly Entry[]): object => ({
  type: 'scatter',
  symbolSize: 7,
  itemStyle: { color: '#1b1b1b', opacity: 0.6 },
  data: entries.flatMap(({ runs }, row) => runs.map(({ flushMs }) => [secondsOf(flushMs[0]), row])),
});

const secondsOf = (ms = Number.NaN): number => ms / 1000;

/** The figures are next to the name, where no dot overlaps them. */
function labelOf({ title, summary }: Entry): string {
  if (summary === undefined) return title;
  const times = summary.timesBare === null ? '' : ` (${summary.timesBare.median.toFixed(2)}× bare)`;
  return `${title}\n${secondsOf(summary.flushMs.median).toFixed(2)} s${times}`;
}
