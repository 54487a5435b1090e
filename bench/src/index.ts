/** What `walq bench` is made of. */
export type { BenchReport } from './bench-report.ts';
export { reportTables } from './report/report-tables.ts';
export { benchParts, runBench, type BenchPart } from './run-bench.ts';
export { chartOf } from './report/chart.ts';
