/** What `walq stress` is made of: an engine under load, beside each way to archive its log. */
export { runStress, type StressRequest } from './run-stress.ts';
export { arrivalsMs } from './pacer.ts';
export { stressTable, summarizeStress, type StressReport } from './stress-report.ts';
