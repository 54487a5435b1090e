export { announce, type Announcement } from './announcement.ts';
export {
  createObserver,
  type Observer,
  type ObserverOptions,
  type QueueView,
  type RedisHealth,
} from './observer.ts';
export { takeQueueSnapshot, withoutRedis, type QueueSnapshot } from './queue-snapshot.ts';
export { sourceConditions } from './source-conditions.ts';
export { tryQueue } from './try-queue.ts';
export { waitMsOf, type RecentJob } from './recent-jobs.ts';
export { RoleRegistry } from './role-registry.ts';
export {
  producerRecordSchema,
  workerRecordSchema,
  type FailedSegments,
  type ProducerRecord,
  type WorkerRecord,
} from './role-records.ts';
