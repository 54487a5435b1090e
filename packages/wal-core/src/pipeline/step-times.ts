import { archiveBatch } from './archive-batch.ts';
import type { SegmentResult } from './batch-results.ts';
import type { BatchRun, Step, StepListener } from './segment-run.ts';

/** When a step of a segment began and ended, in milliseconds since 1970. */
export interface StepTime {
  readonly step: Step;
  readonly startMs: number;
  readonly endMs: number;
}

/** As `archiveBatch`, with the times of the steps. A step of a segment ends when its next one begins. */
export async function archiveTimingSteps(
  batch: BatchRun,
  segments: readonly string[],
): Promise<readonly SegmentResult[]> {
  const begun = new Map<string, Omit<StepTime, 'endMs'>[]>();
  const onStep: StepListener = (step, segment) => {
    begun.set(segment, [...(begun.get(segment) ?? []), { step, startMs: nowMs() }]);
    return batch.onStep(step, segment);
  };
  const results = await archiveBatch({ ...batch, onStep }, segments);
  const endedMs = nowMs();
  return results.map((result) => {
    const steps = begun.get(result.segment) ?? [];
    const endOf = (at: number): number => steps[at + 1]?.startMs ?? endedMs;
    return { ...result, steps: steps.map((one, at) => ({ ...one, endMs: endOf(at) })) };
  });
}

const nowMs = (): number => performance.timeOrigin + performance.now();
