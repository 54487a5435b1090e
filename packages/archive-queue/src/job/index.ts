export { jobIdOf } from './job-id.ts';
export { JOB_NAME, JOB_VERSION, parseJob, type ArchiveJob } from './job-data.ts';
export { queueNameOf } from './queue-name.ts';
export type { DropReason, JobOutcome } from './job-outcome.ts';
