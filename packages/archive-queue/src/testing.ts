/** Parts of the queue whose clocks and connections tests have to control; not for production. */
export { ReplySize } from './connection/bounded-connector.ts';
export { RedisLink } from './connection/redis-link.ts';
export { locationOptions } from './connection/redis-settings.ts';
export { LeaseClock } from './consume/lease.ts';
export { HangWatch, ProgressWatch, StuckDetector } from './consume/stall-detection.ts';
export { retryDelayMs } from './consume/retry-delay.ts';
export { parseJob } from './job/archive-job.ts';
export { resultOf } from './job/job-ending.ts';
export { OUTCOME_BYTES_MAX } from './queue/completed-jobs.ts';
export { delayFor, idleFor, RoundScheduler } from './produce/round-scheduler.ts';
export { updateLockedJob } from './queue/archive-queue.ts';
export { JobEnds } from './queue/job-ends.ts';
export { countSegments, heldSegments } from './queue/queued-segments.ts';
