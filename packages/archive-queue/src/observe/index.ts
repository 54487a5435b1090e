/** What observers need: an entry point without BullMQ, for commands that end soon. */
export { queueNameOf } from '../job/archive-job.ts';
export {
  createObserver,
  takeQueueSnapshot,
  withoutRedis,
  type Observer,
  type QueueSnapshot,
} from './observer.ts';
export { sourceConditions } from './source-conditions.ts';
