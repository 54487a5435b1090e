/** The parts of `walq stress`: an engine under load, with each way to archive its log. */
export { runStress, type StressRequest } from './run-stress.ts';
export { arrivalsMs } from './arrivals.ts';
export { stressTable, summarizeStress, type StressReport } from './stress-report.ts';
