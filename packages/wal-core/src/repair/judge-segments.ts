/** What a repair would find, without changing anything: each object decoded, none compared with its source. */
import { mapInOrder } from '../inspect/index.ts';
import { judgeObject, type OpenSource, type Verdict } from '../pipeline/index.ts';
import type { SegmentName } from '../segment/index.ts';
import { archiveKeyOf } from '../store/index.ts';
import type { Threads } from '../threads/index.ts';

export interface JudgedSegment {
  readonly segment: string;
  readonly verdict: Verdict;
}

export interface JudgeOptions {
  readonly open: OpenSource;
  readonly threads: Threads;
  readonly signal: AbortSignal;
}

/** In the order of the segments. */
export const judgeSegments = (
  { open, threads, signal }: JudgeOptions,
  segments: readonly SegmentName[],
): AsyncGenerator<JudgedSegment> =>
  mapInOrder(segments, threads.parallelism, async (segment) => {
    const key = archiveKeyOf(open.source.name, segment);
    const verdict = await judgeObject({ store: open.store, threads }, key, signal);
    return { segment: segment.name, verdict };
  });
