import type { SegmentResult } from './batch-results.ts';
import type { Step, StepListener } from './segment-run.ts';

/** When a step of a segment began and ended, in milliseconds since 1970. */
export interface StepTime {
  readonly step: Step;
  readonly startMs: number;
  readonly endMs: number;
}

/** Times the steps of a batch. A step of a segment ends when its next one begins. */
export class StepTimes {
  readonly #begun = new Map<string, { readonly step: Step; readonly startMs: number }[]>();

  readonly onStep: StepListener = (step, segment) => {
    const steps = this.#begun.get(segment) ?? [];
    this.#begun.set(segment, [...steps, { step, startMs: nowMs() }]);
  };

  /** The results with the steps of their segments. */
  in(results: readonly SegmentResult[]): readonly SegmentResult[] {
    const endedMs = nowMs();
    return results.map((result) => ({ ...result, steps: this.#of(result.segment, endedMs) }));
  }

  #of(segment: string, endedMs: number): StepTime[] {
    const steps = this.#begun.get(segment) ?? [];
    return steps.map((one, at) => ({ ...one, endMs: steps[at + 1]?.startMs ?? endedMs }));
  }
}

const nowMs = (): number => performance.timeOrigin + performance.now();
