/** What `walq bench` is made of. */
export { benchParts, runBench, type BenchPart, type BenchReport } from './run-bench.ts';
export { reportTables } from './report/tables.ts';
export { chartOf } from './report/chart.ts';
