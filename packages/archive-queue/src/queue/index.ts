export { ArchiveQueue, BACKOFF_TYPE, type JobState, type QueueCounts } from './archive-queue.ts';
