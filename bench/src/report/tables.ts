/** The report as tables for people: the results first, then what they rest on. */
import { showSpread, spreadOf, type Spread } from '../figures.ts';
import { earlierDesign, type FlushReport, type FlushStanding } from '../parts/flushes.ts';
import type { LargeReport, LargeStanding } from '../parts/large.ts';
import type { LatencyReport, Percentiles } from '../parts/latency.ts';
import type { MemoryReport } from '../parts/memory.ts';
import type { Entry, SetReport } from '../parts/segments.ts';
import type { BenchReport } from '../run-bench.ts';
import { goalResults } from './goals.ts';
import { cell, type Table } from './table.ts';

export const reportTables = (report: BenchReport): Table[] => [
  ...resultsTable(report),
  machineTable(report),
  ...report.segments.map(segmentsTable),
  ...report.flushes.map(flushesTable),
  ...(report.latency === null ? [] : [latencyTable(report.latency)]),
  ...(report.memory === null ? [] : [memoryTable(report.memory)]),
  ...commandsTable(report),
  ...(report.large === null ? [] : [largeTable(report.large)]),
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
  const rows = [
    ['machine', `${machine.cpu}, ${machine.cores} cores, ${gigabytes(machine.memoryBytes)} GB`],
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

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);

function segmentsTable({ title, segments, bytes, contestants }: SetReport): Table {
  const absent = contestants.filter(({ summary }) => summary === undefined);
  const heads = ['seconds', '× bare', '× zstd', 'MB/s', 'segments/s', 'CPU ms each', 'cores'];
  return {
    title: `${segments} segments, ${title}, ${megabytes(bytes)} MB: medians (least to most)`,
    head: ['', ...heads, 'peak MB', 'ratio'],
    words: 1,
    rows: contestants.flatMap(segmentsRow),
    notes: absent.map((one) => `${one.title}: ${one.absence ?? ''}`),
  };
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

function segmentsRow({ title, summary }: Entry): string[][] {
  if (summary === undefined) return [];
  const { seconds, timesBare, timesZstd, peakBytes } = summary;
  return [
    [
      title,
      showSpread(seconds),
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

const timesOf = (spread: Spread | null): string => (spread === null ? '–' : showSpread(spread));

function flushesTable({ title, flushes, contestants, id }: FlushReport): Table {
  const heads = ['ms a flush', '× bare', 'flushes/s', 'MB/s', 'caller blocked ms', 'CPU ms a file'];
  return {
    title: `${flushes} flushes of ${title}, one after another, each until archived: medians (least to most)`,
    head: ['', ...heads, 'ratio'],
    words: 1,
    rows: [...(id === '0.5MB' ? earlierRows : []), ...contestants.flatMap(flushesRow)],
  };
}

const earlierRows: string[][] = Object.entries(earlierDesign).map(([when, of]) => [
  `the earlier design, as published: ${when}`,
  cell(of.flushMs, 0),
  '–',
  cell(of.flushesPerSecond, 0),
  cell(of.megabytesPerSecond, 0),
  cell(of.callMs, 0),
  '–',
  of.ratio === undefined ? '–' : cell(of.ratio, 0),
]);

function flushesRow({ title, summary }: FlushStanding): string[][] {
  if (summary === undefined) return [];
  return [
    [
      title,
      showSpread(summary.flushMs, 1),
      timesOf(summary.timesBare),
      cell(summary.flushesPerSecond, 1),
      cell(summary.megabytesPerSecond, 0),
      cell(summary.callMs, 2),
      cell(summary.cpuMsPerSegment, 2),
      cell(summary.ratio, 0),
    ],
  ];
}

const latencyTable = ({ idleMs, flushedUs }: LatencyReport): Table => ({
  title: 'What a caller waits for',
  head: ['', 'times', 'p50', 'p99', 'most'],
  words: 1,
  rows: [
    percentilesRow('one segment of 64 KiB, idle, until archived', idleMs, 'ms'),
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
      title: 'Commands, medians',
      head: ['', 'CPU ms', '× sh -c true', 'ms'],
      words: 1,
      rows: [
        ...startUp.map(({ title, cpuMs, wallMs }) => [title, cell(cpuMs, 0), '–', cell(wallMs, 0)]),
        ...postgresCalls.map(({ title, cpuMs, timesShell }) => [
          title,
          cell(cpuMs.median, 2),
          cell(timesShell.median, 2),
          '–',
        ]),
      ],
    },
  ];
}

const largeTable = (report: LargeReport): Table => ({
  title: `Large files: ${report.files} of ${megabytes(report.fileBytes)} MB`,
  head: ['', 'seconds', 'MB/s', 'caller blocked ms', 'peak MB'],
  words: 1,
  rows: report.ways.map((way) => largeRow(way, report)),
  notes: ['The first neither proves nor fsyncs; the others do both.'],
});

function largeRow({ title, runs }: LargeStanding, { files, fileBytes }: LargeReport): string[] {
  const seconds = spreadOf(runs.map(({ wallMs }) => wallMs / 1000));
  const called = spreadOf(runs.map(({ callMs }) => callMs));
  const peak = Math.max(...runs.map(({ peakBytes }) => peakBytes));
  const rate = (files * fileBytes) / 1e6 / seconds.median;
  return [title, showSpread(seconds), cell(rate, 0), showSpread(called, 1), megabytes(peak)];
}
