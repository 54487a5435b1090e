export {
  createArchiver,
  type ArchiveOptions,
  type Archiver,
  type ArchiverOptions,
} from './archiver.ts';
export { summarize, type BatchReport } from './batch-report.ts';
export { logBatch, type BatchLogger } from './log-batch.ts';
export { markFlushed, type MarkedSource } from './mark-flushed.ts';
export { openSource, type OpenSource, type OpenSourceOptions } from './open-source.ts';
export type { Outcome, SegmentReport } from './outcome.ts';
export { steps, type Step, type StepListener } from './step.ts';
