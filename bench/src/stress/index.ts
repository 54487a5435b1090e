/** What `walq stress` is made of: an engine under load, beside each way to archive its log. */
export { runStress, type StressRequest } from './run-stress.ts';
export { arrivalsMs } from './arrivals.ts';
export { summarizeStress } from './summarize-stress.ts';
export type { StressReport } from './stress-report.ts';
export { stressTable } from './stress-table.ts';
