import { newProgress, readProgress, type SegmentProgress } from '../codec/segment-progress.ts';

/** A segment on its way now. */
export interface SegmentInWork {
  readonly source: string;
  readonly segment: string;
  /** Plain bytes; 0 before a thread has opened it. */
  readonly bytes: number;
  readonly doneBytes: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** What an archiver has in work. */
export class UnderWay {
  readonly #segments = new Set<{
    readonly source: string;
    readonly segment: string;
    readonly startedAt: number;
    readonly progress: SegmentProgress;
  }>();

  async with<T>(
    source: string,
    segment: string,
    work: (progress: SegmentProgress) => Promise<T>,
  ): Promise<T> {
    const progress = newProgress();
    const one = { source, segment, startedAt: Date.now(), progress };
    this.#segments.add(one);
    try {
      return await work(progress);
    } finally {
      this.#segments.delete(one);
    }
  }

  list(): SegmentInWork[] {
    return [...this.#segments].map(({ progress, ...one }) => ({
      ...one,
      ...readProgress(progress),
    }));
  }
}
