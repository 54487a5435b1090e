export {
  showRedis,
  type RedisAddress,
  type RedisLocation,
  type RedisServers,
  type RedisSettings,
} from './connection/redis-settings.ts';
export type { ConsumedSource, ConsumerOptions } from './consume/consumer-options.ts';
export type { ConsumerState } from './consume/consumer-state.ts';
export { createConsumer, type Consumer } from './consume/consumer.ts';
export type { SourceWorkerState } from './consume/source-worker.ts';
export { jobIdOf } from './job/archive-job.ts';
export { jobTitle } from './job/job-title.ts';
export type { JobEvent } from './job/job-ending.ts';
export { LogThrottle } from './log-throttle.ts';
export { announceProducer } from './observe/announcement.ts';
export * from './observe/index.ts';
export type { ProducerRecord, WorkerRecord } from './observe/role-records.ts';
export { tryQueue } from './observe/try-queue.ts';
export {
  createProducer,
  type Producer,
  type ProducerOptions,
  type ProducerState,
} from './produce/producer.ts';
export type { RecentBatch } from './queue/completed-jobs.ts';
export { createOperator, type Operator } from './queue/operator.ts';
export type { Pause } from './queue/pause.ts';
export type { QueueCounts } from './queue/queued-segments.ts';
export { createQueueTelemetry, type QueueTelemetry } from './queue/queue-telemetry.ts';
