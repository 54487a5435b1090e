/**
 * The results of the segments of a batch. They go through the steps together: one that fails in a step takes no part in
 * the next ones, and the others continue.
 */
import { isStoreFailure } from '../base/failure/store-failure.ts';
import { asWalqError, isWalqError, WalqError } from '../base/failure/walq-error.ts';
import { resolveMissingSource } from './missing-source.ts';
import type { SegmentReport } from './report.ts';
import type { StepTime } from './step-times.ts';
import type { SegmentRun, SourceSegment } from './segment-run.ts';

/** The report of a segment that is in the archive now, or its failure, whose class says whether a retry can succeed. */
export type SegmentResult = {
  readonly segment: string;
  /** Where the archiver was asked for them. */
  readonly steps?: readonly StepTime[] | undefined;
} & (
  | { readonly report: SegmentReport; readonly failure?: undefined }
  | { readonly failure: WalqError; readonly report?: undefined }
);

/** The state of a segment between two steps. */
export interface OfSegment {
  readonly run: SegmentRun;
  /** Once it is admitted. */
  readonly segment?: SourceSegment;
}

/** What work gives, or its failure. */
export async function settled<T>(work: () => Promise<T>): Promise<T | WalqError> {
  try {
    return await work();
  } catch (error) {
    return asWalqError(error);
  }
}

/** The answer of a step for one segment that is not in a batch with others, or its failure. */
export function only<T>([answer]: readonly (T | WalqError)[]): T {
  if (answer instanceof WalqError) throw answer;
  if (answer === undefined) throw new TypeError('a step gave no answer for its segment');
  return answer;
}

export class BatchResults {
  readonly #results = new Map<SegmentRun, SegmentResult>();
  #storeFailure: WalqError | undefined;

  /** An archive that failed for one segment is not tried again for each of the others: they get its failure. */
  throwIfArchiveFailed(): void {
    if (this.#storeFailure !== undefined) throw this.#storeFailure;
  }

  /** One step for each segment, one after another; gives those that did not fail. */
  async each<State extends OfSegment, Next>(
    states: readonly State[],
    step: (state: State, at: number) => Promise<Next>,
  ): Promise<Next[]> {
    const next: Next[] = [];
    for (const [at, state] of states.entries()) {
      try {
        next.push(await step(state, at));
      } catch (error) {
        await this.#failed(state, asWalqError(error));
      }
    }
    return next;
  }

  /** One step for all segments at once, with an answer for each. Where it rejects, all of them have failed. */
  async together<State extends OfSegment, Next>(
    states: readonly State[],
    step: (states: readonly State[]) => Promise<readonly (Next | WalqError)[]>,
  ): Promise<Next[]> {
    if (states.length === 0) return [];
    const answers = await settled(() => step(states));
    const next: Next[] = [];
    for (const [at, state] of states.entries()) {
      const answer = answers instanceof WalqError ? answers : answers[at];
      if (answer instanceof WalqError) await this.#failed(state, answer);
      else if (answer !== undefined) next.push(answer);
    }
    return next;
  }

  report(run: SegmentRun, report: SegmentReport): void {
    this.#results.set(run, { segment: run.segment, report });
  }

  /** One for each segment, in order. */
  of(runs: readonly SegmentRun[]): SegmentResult[] {
    return runs.map((run) => {
      const result = this.#results.get(run);
      if (result === undefined) throw new TypeError(`${run.segment} has no result`);
      return result;
    });
  }

  /** A segment whose source is missing may be in the archive already. */
  async #failed({ run, segment: admitted }: OfSegment, failure: WalqError): Promise<void> {
    const { segment } = run;
    const isMissing = admitted !== undefined && isWalqError(failure, 'source-missing');
    const found = isMissing
      ? await settled(async () => {
          this.throwIfArchiveFailed();
          return resolveMissingSource(run, admitted, failure);
        })
      : failure;
    if (isStoreFailure(found)) this.#storeFailure ??= asWalqError(found);
    const result = found instanceof WalqError ? { failure: found } : { report: found };
    this.#results.set(run, { segment, ...result });
  }
}
