import { showSpread, spreadOf } from '../figures.ts';
import type { LargeReport, LargeStanding } from '../large/measure-large.ts';
import { columnsOf, type ReportTable } from './report-table.ts';

export const largeTable = (report: LargeReport): ReportTable => ({
  title: `Large files: ${report.files} of ${(report.fileBytes / 1e6).toFixed(0)} MB`,
  columns: columnsOf('', 'seconds', 'MB/s', 'event loop held, ms', 'peak MB'),
  rows: report.ways.map((way) => rowOf(way, report)),
  notes: ['The first neither proves nor fsyncs; the others do both.'],
});

function rowOf({ title, runs }: LargeStanding, { files, fileBytes }: LargeReport): string[] {
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
