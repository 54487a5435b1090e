/** What the main thread and a thread say to each other about a batch: plain data, and shared memory. */
import {
  fromFailureRecord,
  toFailureRecord,
  type FailureRecord,
} from '../base/failure/walq-error.ts';
import type { BatchProgress, CancelFlag } from '../codec/thread-signals.ts';
import type { PlainSource } from '../source/plain-source.ts';
import type { SharedDirectory } from '../store/directory/shared-directory.ts';
import type { SegmentResult } from './batch-results.ts';
import type { SegmentReport } from './report.ts';
import type { BatchOptions, Compression, PipelineContext } from './segment-run.ts';
import type { StepTime } from './step-times.ts';

/** A batch for a thread, with the compression that the main thread has chosen. */
export interface BatchTask extends Pick<PipelineContext, 'conservative' | 'worker'> {
  readonly source: PlainSource;
  readonly store: SharedDirectory;
  readonly segments: readonly string[];
  readonly compression: Compression;
  readonly options: BatchOptions<CancelFlag>;
  /** Also the signal of the options: the pool begins no batch after it. */
  readonly cancel: CancelFlag;
  /** Whether the results contain the times of the steps. */
  readonly timesSteps: boolean;
  readonly progress: BatchProgress;
}

/** The call that only a thread that archives understands. */
export interface BatchCall {
  readonly name: 'archive';
  readonly task: BatchTask;
}

/** A `SegmentResult` as plain data: errors lose their class between threads. */
export interface PlainResult {
  readonly segment: string;
  readonly report?: SegmentReport | undefined;
  readonly failure?: FailureRecord | undefined;
  readonly steps?: readonly StepTime[] | undefined;
}

export const toPlainResult = ({ failure, ...result }: SegmentResult): PlainResult => ({
  ...result,
  failure: failure && toFailureRecord(failure),
});

export function fromPlainResult({ segment, report, failure, steps }: PlainResult): SegmentResult {
  if (report !== undefined) return { segment, report, steps };
  if (failure !== undefined) return { segment, failure: fromFailureRecord(failure), steps };
  throw new TypeError(`the result of ${segment} is empty`);
}
