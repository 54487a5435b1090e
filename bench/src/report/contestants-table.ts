import { showSpread } from '../figures.ts';
import type { Entry, BenchReport } from '../bench-report.ts';
import { columnsOf, type ReportTable } from './report-table.ts';

export function contestantsTable({ contestants, input }: BenchReport): ReportTable {
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
