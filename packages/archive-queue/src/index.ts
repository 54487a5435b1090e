export * from './consume/index.ts';
export {
  showPlace,
  type RedisAddress,
  type RedisPlace,
  type RedisReport,
  type RedisServers,
  type RedisSettings,
} from './connection/index.ts';
export { jobIdOf, queueNameOf, type ArchiveJob, type DropReason } from './job/index.ts';
export {
  createObserver,
  sourceConditions,
  takeQueueSnapshot,
  withoutRedis,
  type QueueSnapshot,
  type Observer,
  type ObserverOptions,
  type ProducerRecord,
  type QueueView,
  tryQueue,
  type RecentJob,
  type RedisHealth,
  type WorkerRecord,
} from './observe/index.ts';
export { createOperator, type Operator, type OperatorOptions } from './operate/index.ts';
export * from './produce/index.ts';
export type { Pause, QueueCounts } from './queue/index.ts';
export { createQueueTelemetry, type QueueTelemetry } from './telemetry/index.ts';
