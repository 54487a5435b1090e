export { createObserver, type Observer, type ObserverOptions } from './observer.ts';
export { WORKER_TTL_MS, WorkerRegistry, type WorkerRecord } from './worker-registry.ts';
