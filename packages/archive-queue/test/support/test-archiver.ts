import {
  asWalqError,
  isLeaseFresh,
  isStoreFailure,
  WalqError,
  type Archiver,
  type BatchOptions,
  type FailureCode,
  type SegmentInWork,
  type SegmentReport,
  type SegmentResult,
  type Source,
} from '@walq/wal-core/internal';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';

export interface TestArchiverOptions {
  /** What archiving a segment does before its source is deleted; may throw. */
  readonly work?: (segment: string, signal: AbortSignal) => Promise<void>;
  readonly parallelism?: number;
}

/**
 * An archiver by the contract of `Archiver` that stores nothing: it does `work`, asks whether it may
 * delete, and deletes the source.
 */
export class TestArchiver implements Archiver {
  readonly parallelism: number;
  busy = 0;
  readonly #inWork = new Map<string, SegmentInWork>();
  /** Every call, by segment, in the order in which they began. */
  readonly began: string[] = [];
  readonly archived: string[] = [];
  readonly #work: (segment: string, signal: AbortSignal) => Promise<void>;

  constructor({ work = async () => undefined, parallelism = 2 }: TestArchiverOptions = {}) {
    this.#work = work;
    this.parallelism = parallelism;
  }

  archive: Archiver['archive'] = async (source, segments, options) => {
    const results: SegmentResult[] = [];
    for (const segment of segments) {
      const failed = results.find((one) => isStoreFailure(one.failure));
      const result =
        failed?.failure !== undefined
          ? { segment, failure: failed.failure }
          : await this.#resultOf(source, segment, options);
      results.push(result);
    }
    return results;
  };

  async #resultOf(source: Source, segment: string, options: BatchOptions): Promise<SegmentResult> {
    try {
      return { segment, report: await this.#archiveOne(source, segment, options) };
    } catch (error) {
      return { segment, failure: asWalqError(error) };
    }
  }

  async #archiveOne(
    source: Source,
    segment: string,
    { signal, finish, lease }: BatchOptions,
  ): Promise<SegmentReport> {
    if (signal.aborted || finish?.aborted === true) throw failure('cancelled');
    this.began.push(segment);
    const [bytes, doneBytes] = [8, 4];
    const startedAt = Date.now();
    this.#inWork.set(segment, { source: source.name, segment, bytes, doneBytes, startedAt });
    await this.#work(segment, signal).finally(() => this.#inWork.delete(segment));
    if (lease !== undefined && !isLeaseFresh(lease)) throw failure('cancelled');
    await unlink(join(source.directory, segment)).catch(() => undefined);
    this.archived.push(segment);
    return { segment, bytesIn: 8, bytesOut: 4, durationMs: 1, outcome: 'archived' };
  }

  inWork(): SegmentInWork[] {
    return [...this.#inWork.values()];
  }

  async close(): Promise<void> {}
}

export const failure = (code: FailureCode): WalqError =>
  new WalqError(code, { message: `${code}, as the test wants` });

/** Never resolves: rejects with `cancelled` when the signal is aborted. */
export const untilCancelled = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(failure('cancelled'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
