import { WalqError, type Archiver, type FailureCode, type Source } from '@walq/wal-core';
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
  /** Every call, by segment, in the order in which they began. */
  readonly began: string[] = [];
  readonly archived: string[] = [];
  readonly #work: (segment: string, signal: AbortSignal) => Promise<void>;

  constructor({ work = async () => undefined, parallelism = 2 }: TestArchiverOptions = {}) {
    this.#work = work;
    this.parallelism = parallelism;
  }

  archive: Archiver['archive'] = async (source: Source, segment, { signal, beforeDelete }) => {
    this.began.push(segment);
    await this.#work(segment, signal);
    beforeDelete?.();
    await unlink(join(source.directory, segment)).catch(() => undefined);
    this.archived.push(segment);
    return { segment, bytesIn: 8, bytesOut: 4, durationMs: 1, outcome: 'archived' };
  };

  async close(): Promise<void> {}
}

export const failure = (code: FailureCode): WalqError =>
  new WalqError(code, { message: `${code}, as the test wants` });

/** Never ends by itself: rejects with `cancelled` when the signal says so. */
export const untilCancelled = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(failure('cancelled'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
