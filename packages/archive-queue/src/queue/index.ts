export { ArchiveQueue, type JobState, type QueueCounts } from './archive-queue.ts';
export { pauseBy, type Pause } from './pause.ts';
