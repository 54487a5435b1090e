export {
  createArchiver,
  type ArchiveOptions,
  type Archiver,
  type ArchiverOptions,
} from './archiver.ts';
export { isArchived, summarize, type BatchReport } from './batch-report.ts';
export { logBatch, type BatchLogger } from './log-batch.ts';
export { markFlushed, type MarkedSource } from './mark-flushed.ts';
export {
  openSource,
  resolveSource,
  type OpenSource,
  type OpenSourceOptions,
} from './open-source.ts';
export type { Outcome, SegmentReport, StageTimes } from './outcome.ts';
export type { SegmentInWork } from './under-way.ts';
export { readOwnerOf } from './read-owner.ts';
export {
  judgeObject,
  type ReplaceReason,
  replaceObject,
  type ReplaceJournal,
  type ReplaceRequest,
  type Replaced,
  type Verdict,
} from './replace-object.ts';
export type { PipelineContext } from './context.ts';
export { replaceSteps, steps, type Step, type StepListener } from './step.ts';
