export { ArchiveQueue, type JobState, type QueueCounts } from './archive-queue.ts';
