/** The report as tables for people. */
import { showSpread, spreadOf } from '../figures.ts';
import type { LargeReport, LargeStanding } from '../large.ts';
import {
  originalAfter,
  originalBefore,
  PARALLELISMS,
  type Figures,
  type OriginalSet,
} from '../original.ts';
import type { BenchReport, Entry } from '../run-bench.ts';

export const reportTables = (report: BenchReport): ReportTable[] => [
  machineTable(report),
  ...(report.contestants.length === 0 ? [] : [contestantsTable(report)]),
  ...report.original.map(originalTable),
  ...(report.large === null ? [] : [largeTable(report.large)]),
];

interface ReportTable {
  readonly title: string;
  readonly columns: readonly { readonly heading: string; readonly align?: 'left' | 'right' }[];
  readonly rows: readonly (readonly string[])[];
  /** What has to be known to read it. */
  readonly notes: readonly string[];
}

/** The first column is words, all others are numbers. */
const columnsOf = (first: string, ...others: readonly string[]): ReportTable['columns'] => [
  { heading: first },
  ...others.map((heading) => ({ heading, align: 'right' }) as const),
];

function machineTable({ machine, ...report }: BenchReport): ReportTable {
  const { input, level, checksum, parallelism, rounds } = report;
  const size = (input.bytes / 1e6).toFixed(0);
  const rows = [
    ['machine', `${machine.cpu}, ${machine.cores} cores, ${gigabytes(machine.memoryBytes)} GB`],
    ['system', `${machine.kernel}, Node ${machine.node}, load ${machine.loadBefore.toFixed(2)}`],
    [
      'zstd',
      `${machine.libzstd} in walq, ${machine.zstdTool ?? 'none'} as the tool, level ${level}`,
    ],
    ['checksum', `${checksum}, every object read back, decoded and compared`],
    ['device', `${machine.device}, ${machine.filesystem}, ${fsyncs(machine)} fsyncs a second`],
    ['input', `${input.title}: ${input.segments} segments, ${size} MB`],
    ['run', `${rounds} rounds in turns, ${parallelism} segments at once, ${report.at}`],
  ];
  return { title: 'Measured on', columns: [{ heading: '' }, { heading: '' }], rows, notes: [] };
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);

const fsyncs = ({ fsyncsPerSecond }: BenchReport['machine']): string => fsyncsPerSecond.toFixed(0);

function contestantsTable({ contestants, input }: BenchReport): ReportTable {
  const heads = ['seconds', 'times zstd', 'MB/s', 'CPU s', 'cores', 'peak MB', 'ratio', 'verified'];
  const absent = contestants.filter(({ summary }) => summary === undefined);
  return {
    title: `The same ${input.segments} segments, medians (least to most)`,
    columns: columnsOf('', ...heads),
    rows: contestants.flatMap(rowOf),
    notes: [
      'CPU s: of all processes together, producer and Redis too. peak MB: the largest process, VmHWM.',
      ...absent.map(({ title, absence = '' }) => `${title}: ${absence}`),
    ],
  };
}

function rowOf({ title, summary }: Entry): string[][] {
  if (summary === undefined) return [];
  const { seconds, timesFloor, peakBytes } = summary;
  const floor = timesFloor === null ? '–' : showSpread(timesFloor);
  const peak = peakBytes === 0 ? '–' : (peakBytes / 1e6).toFixed(0);
  const { megabytesPerSecond, cpuSeconds, cores, ratio, verifiedSegments } = summary;
  return [
    [
      title,
      showSpread(seconds),
      floor,
      megabytesPerSecond.toFixed(0),
      cpuSeconds.toFixed(2),
    ].concat([cores.toFixed(1), peak, ratio.toFixed(2), String(verifiedSegments)]),
  ];
}

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

/** The original design's table: its own figures next to those measured here. */
function originalTable({ title, flushes, ways }: OriginalSet): ReportTable {
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

const largeTable = (report: LargeReport): ReportTable => ({
  title: `Large files: ${report.files} of ${(report.fileBytes / 1e6).toFixed(0)} MB`,
  columns: columnsOf('', 'seconds', 'MB/s', 'event loop held, ms', 'peak MB'),
  rows: report.ways.map((way) => largeRowOf(way, report)),
  notes: ['The first neither proves nor fsyncs; the others do both.'],
});

function largeRowOf({ title, runs }: LargeStanding, { files, fileBytes }: LargeReport): string[] {
  const seconds = spreadOf(runs.map(({ wallMs }) => wallMs / 1000));
  const held = spreadOf(runs.map(({ heldMs }) => heldMs));
  const peak = Math.max(...runs.map(({ peakBytes }) => peakBytes));
  const rate = (files * fileBytes) / 1e6 / seconds.median;
  return [
    title,
    showSpread(seconds),
    rate.toFixed(0),
    showSpread(held, 0),
    (peak / 1e6).toFixed(0),
  ];
}
