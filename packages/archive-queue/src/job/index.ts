export { jobIdOf } from './job-id.ts';
export { JOB_NAME, JOB_VERSION, parseJob, type ArchiveJob } from './job-data.ts';
export { LONGEST_REST_MS } from './longest-rest.ts';
export { queueNameOf } from './queue-name.ts';
export type { DropReason, JobOutcome } from './job-outcome.ts';
