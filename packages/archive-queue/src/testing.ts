/** Parts of the queue for tests that need to turn their clocks; not for production. */
export { retryDelayMs } from './consume/worker-options.ts';
export { parseJob } from './job/job-data.ts';
export { HangWatch } from './consume/hang-watch.ts';
export { LeaseClock } from './consume/lease.ts';
export { StuckDetector } from './consume/stuck-detector.ts';
export { placeOptions } from './connection/redis-settings.ts';
export { fullJitter, repeat, WakeableSleep } from './pace/index.ts';
export { ProgressWatch } from './consume/progress-watch.ts';
export { ReplySize } from './connection/reply-size.ts';
