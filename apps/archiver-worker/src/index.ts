export { runWorker } from './run-worker.ts';
export type { WorkerResult, WorkerRoleOptions } from './worker-role.ts';
