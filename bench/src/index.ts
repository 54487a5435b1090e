/** What `walq bench` is made of. */
export {
  benchParts,
  ownInputParts,
  runBench,
  type BenchPart,
  type BenchReport,
} from './run-bench.ts';
export { reportTables } from './report/tables.ts';
export { linesOf } from './report/table.ts';
export { chartOf } from './report/chart.ts';
