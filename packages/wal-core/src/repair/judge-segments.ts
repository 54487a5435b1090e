/** What a repair would find, without changing anything: each object decoded, none compared with its source. */
import type { Disk } from '../disk/index.ts';
import { mapInOrder } from '../inspect/index.ts';
import { judgeObject, type OpenSource, type Verdict } from '../pipeline/index.ts';
import { stateAtSource, type SegmentName } from '../segment/index.ts';
import { keyOfFile } from '../store/index.ts';
import type { Threads } from '../threads/index.ts';

export interface JudgedSegment {
  readonly segment: string;
  readonly verdict: Verdict;
}

export interface JudgeOptions {
  readonly disk: Disk;
  readonly open: OpenSource;
  readonly threads: Threads;
  readonly signal: AbortSignal;
}

/** In the order of the segments. */
export const judgeSegments = (
  { disk, open, threads, signal }: JudgeOptions,
  segments: readonly SegmentName[],
): AsyncGenerator<JudgedSegment> =>
  mapInOrder(segments, threads.parallelism, async (segment) => {
    const { source, store } = open;
    const state = await stateAtSource(disk, source, segment);
    const key = keyOfFile(source.name, segment, state?.size);
    const verdict = await judgeObject({ store, threads }, key, signal);
    return { segment: segment.name, verdict };
  });
