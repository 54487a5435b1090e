/** The original design's table: its own figures, and beside them what was measured here. */
import type { OriginalSet } from '../original/measure-original.ts';
import {
  originalAfter,
  originalBefore,
  PARALLELISMS,
  type Figures,
} from '../original/original-figures.ts';
import { columnsOf, type ReportTable } from './report-table.ts';

type Row = readonly [
  name: string,
  of: (figures: Partial<Figures>) => number | undefined,
  digits: number,
];

const rows: readonly Row[] = [
  ['blocking time per flush, ms', ({ blockingMs }) => blockingMs, 2],
  ['event loop held, ms', ({ heldMs }) => heldMs, 1],
  ['time, ms', ({ timeMs }) => timeMs, 1],
  ['throughput, MB/s', ({ megabytesPerSecond }) => megabytesPerSecond, 0],
  ['flushes a second', ({ flushesPerSecond }) => flushesPerSecond, 1],
  ['cores used', ({ cores }) => cores, 1],
  ...PARALLELISMS.map((count): Row => [
    `peak memory, ${count} at once, MB`,
    ({ peakMegabytes }) => peakMegabytes?.[count],
    0,
  ]),
  ['ratio', ({ ratio }) => ratio, 0],
  ['average time per file, ms', ({ fileMs }) => fileMs, 1],
];

export function originalTable({ title, flushes, ways }: OriginalSet): ReportTable {
  const all = [originalBefore, originalAfter, ...ways.map(({ figures }) => figures)];
  return {
    title: `The original design's table: ${title}, ${flushes} flushes, medians`,
    columns: columnsOf('', 'there: before', 'after', ...ways.map((way) => way.title)),
    rows: rows.map(([name, of, digits]) => [name, ...all.map((each) => show(of(each), digits))]),
    notes: ['Times here are with five files at once; cleanupUpToSync takes one after another.'],
  };
}

const show = (value: number | undefined, digits: number): string =>
  value === undefined ? '–' : value.toFixed(digits);
