export { runWorker, type WorkerRoleOptions } from './run-worker.ts';
export type { WorkerResult } from './until-empty.ts';
