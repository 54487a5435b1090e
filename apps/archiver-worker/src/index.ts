export { runWorker, type WorkerResult, type WorkerRoleOptions } from './run-worker.ts';
