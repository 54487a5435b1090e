/** The report as tables for people. */
import type { BenchReport } from '../bench-report.ts';
import { contestantsTable } from './contestants-table.ts';
import { largeTable } from './large-table.ts';
import { machineTable } from './machine-table.ts';
import { originalTable } from './original-rows.ts';
import type { ReportTable } from './report-table.ts';

export const reportTables = (report: BenchReport): ReportTable[] => [
  machineTable(report),
  ...(report.contestants.length === 0 ? [] : [contestantsTable(report)]),
  ...report.original.map(originalTable),
  ...(report.large === null ? [] : [largeTable(report.large)]),
];
