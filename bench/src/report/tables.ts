/** The report as tables for people: the results first, then what they rest on. */
import { showSpread, type Spread } from '../figures.ts';
import type { LatencyReport, Percentiles } from '../parts/latency.ts';
import type { MemoryReport } from '../parts/memory.ts';
import type { Entry, SetReport } from '../parts/segments.ts';
import type { BenchReport } from '../run-bench.ts';
import { goalResults } from './goals.ts';
import { cell, type Table } from './table.ts';

export const reportTables = (report: BenchReport): Table[] => [
  ...resultsTable(report),
  machineTable(report),
  ...[...report.segments, ...report.flushes].map(setTable),
  ...(report.latency === null ? [] : [latencyTable(report.latency)]),
  ...(report.memory === null ? [] : [memoryTable(report.memory)]),
  ...commandsTable(report),
];

function resultsTable(report: BenchReport): Table[] {
  const results = goalResults(report);
  if (results.length === 0) return [];
  return [
    {
      title: report.isShort ? 'Results of a short run: for a try only' : 'Results',
      head: ['what', 'to reach', 'measured', 'ratio', 'reached'],
      words: 3,
      rows: results.map(({ what, goal, measured, ratio, isReached }) => [
        what,
        goal,
        measured,
        ratio,
        isReached ? 'yes' : 'no',
      ]),
    },
  ];
}

function machineTable({ machine, ...report }: BenchReport): Table {
  const { level, checksum, parallelism, nice, rounds, isShort, isOwnInput, at } = report;
  const fsyncs = machine.fsyncsPerSecond.toFixed(0);
  const gigabytes = (machine.memoryBytes / 1e9).toFixed(1);
  const rows = [
    ['machine', `${machine.cpu}, ${machine.cores} cores, ${gigabytes} GB`],
    ['system', `${machine.kernel}, Node ${machine.node}, load ${machine.loadBefore.toFixed(2)}`],
    [
      'zstd',
      `${machine.libzstd} in walq, ${machine.zstdTool ?? 'none'} as the tool, level ${level}`,
    ],
    ['checksum', `${checksum}, every object read back, decoded and compared`],
    ['device', `${machine.device}, ${machine.filesystem}, ${fsyncs} fsyncs a second`],
    ['input', isOwnInput ? OWN_INPUT : `walq's sets of segments, seed ${report.seed}`],
    [
      'run',
      `${isShort ? 'short, ' : ''}${rounds === 1 ? '1 round' : `${rounds} rounds`} in turns, ${parallelism} segments at once, nice ${nice}, ${at}`,
    ],
  ];
  return { title: 'Measured on', head: ['', ''], words: 2, rows };
}

const OWN_INPUT =
  'of the reader’s own: these figures are not comparable with walq’s, and have no goals';

function setTable({ title, segments, flushes, bytes, contestants }: SetReport): Table {
  const isBacklog = flushes === 1;
  const what = isBacklog
    ? `${segments} segments, ${title}, ${megabytes(bytes)} MB`
    : `${flushes} flushes of ${segments / flushes} files of ${title}, one after another, each until archived`;
  const absent = contestants.filter(({ summary }) => summary === undefined);
  const heads = ['× bare', '× zstd', 'MB/s', 'segments/s', 'CPU ms each', 'cores', 'peak MB'];
  return {
    title: `${what}: medians (least to most)`,
    head: ['', isBacklog ? 'seconds' : 'ms a flush', ...heads, 'ratio'],
    words: 1,
    rows: contestants.flatMap((entry) => entryRow(entry, isBacklog)),
    notes: absent.map((one) => `${one.title}: ${one.absence ?? ''}`),
  };
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

function entryRow({ title, summary }: Entry, isBacklog: boolean): string[][] {
  if (summary === undefined) return [];
  const { flushMs, timesBare, timesZstd, peakBytes } = summary;
  return [
    [
      title,
      isBacklog ? showSpread(secondsOf(flushMs)) : showSpread(flushMs, 1),
      timesOf(timesBare),
      timesOf(timesZstd),
      cell(summary.megabytesPerSecond, summary.megabytesPerSecond < 10 ? 2 : 0),
      cell(summary.segmentsPerSecond, summary.segmentsPerSecond < 100 ? 1 : 0),
      cell(summary.cpuMsPerSegment, 2),
      cell(summary.cores, 1),
      peakBytes === 0 ? '–' : megabytes(peakBytes),
      cell(summary.ratio, 2),
    ],
  ];
}

const secondsOf = ({ median, least, most }: Spread): Spread => ({
  median: median / 1000,
  least: least / 1000,
  most: most / 1000,
});

const timesOf = (spread: Spread | null): string => (spread === null ? '–' : showSpread(spread));

const latencyTable = ({ idle, flushedUs }: LatencyReport): Table => ({
  title: 'What a caller waits for',
  head: ['', 'times', 'p50', 'p99', 'most'],
  words: 1,
  rows: [
    ...idle.map(({ title, ms }) =>
      percentilesRow(`one segment of 64 KiB, idle, until archived: ${title}`, ms, 'ms'),
    ),
    percentilesRow('flushed(), Redis up', flushedUs.redisUp, 'µs'),
    percentilesRow('flushed(), Redis down', flushedUs.redisDown, 'µs'),
  ],
});

const percentilesRow = (title: string, { count, p50, p99, max }: Percentiles, unit: string) => [
  title,
  cell(count, 0),
  ...[p50, p99, max].map((value) => `${value.toFixed(1)} ${unit}`),
];

const memoryTable = ({ segmentBytes, peaks }: MemoryReport): Table => ({
  title: `Peak memory of a worker, segments of ${megabytes(segmentBytes)} MB`,
  head: ['segments at once', 'MB (VmHWM)'],
  rows: peaks.map(({ parallelism, peakBytes }) => [cell(parallelism, 0), megabytes(peakBytes)]),
});

function commandsTable({ startUp, postgresCalls }: BenchReport): Table[] {
  if (startUp.length === 0) return [];
  return [
    {
      title: 'Commands',
      head: ['', 'CPU ms', '× sh -c true', 'ms'],
      words: 1,
      rows: [
        ...startUp.map(({ title, cpuMs, wallMs }) => [title, cell(cpuMs, 0), '–', cell(wallMs, 0)]),
        ...postgresCalls.map(({ title, cpuMs, timesShell }) => [
          title,
          cell(cpuMs, 2),
          cell(timesShell, 2),
          '–',
        ]),
      ],
    },
  ];
}
