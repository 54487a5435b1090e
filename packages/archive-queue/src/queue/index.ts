export { ArchiveQueue, type JobState, type QueueCounts } from './archive-queue.ts';
export type { CompletedJob } from './completed-jobs.ts';
export { pauseBy, type Pause } from './pause.ts';
