/** The pipeline as workers and the cleaner use it: one instance per process, for any number of sources. */
import { withNames } from '../base/failure/advice.ts';
import { isWalqError, type WalqError } from '../base/failure/walq-error.ts';
import {
  newProgress,
  progressTo,
  readProgress,
  withCancelFlag,
  type BatchProgress,
} from '../codec/thread-signals.ts';
import { toPlainSource } from '../source/plain-source.ts';
import type { Source } from '../source/source.ts';
import type { ArchiveStore } from '../store/store.ts';
import { archiveBatch } from './archive-batch.ts';
import { isArchiveThreads, type ArchiveThreads } from './archive-threads.ts';
import { settled, type SegmentResult } from './batch-results.ts';
import { fromPlainResult } from './batch-task.ts';
import { createCompressionChoice, type CompressionOptions } from './compression.ts';
import { OpenSources } from './open-sources.ts';
import type { SegmentReport } from './report.ts';
import {
  startBatch,
  type BatchOptions,
  type Compression,
  type PipelineContext,
  type StepListener,
} from './segment-run.ts';
import { archiveTimingSteps } from './step-times.ts';

export interface Archiver {
  /** How many segments are archived at the same time; others wait. */
  readonly parallelism: number;
  /** How many threads are busy now. */
  readonly busy: number;
  /** The segments that threads work on, of the oldest batch first. */
  inWork(): readonly SegmentInWork[];
  /**
   * Archives segments of one source from end to end, and deletes them there if the source is configured so. Gives one
   * result for each segment, in order, and never rejects. A segment that fails affects no other one, except that a
   * failure of the whole archive is not tried again for each segment: those not begun get the same failure.
   */
  archive(
    source: Source,
    segments: readonly string[],
    options: BatchOptions,
  ): Promise<readonly SegmentResult[]>;
  /** Waits for segments in flight, then ends the threads. */
  close(): Promise<void>;
}

/** Archives one segment as a batch of its own. Rejects with its failure. */
export async function archiveOne(
  archiver: Pick<Archiver, 'archive'>,
  source: Source,
  segment: string,
  options: BatchOptions,
): Promise<SegmentReport> {
  const [result] = await archiver.archive(source, [segment], options);
  if (result?.report !== undefined) return result.report;
  throw result?.failure ?? new TypeError(`there is no result for ${segment}`);
}

export interface PipelineOptions extends Omit<PipelineContext, 'onStep'>, CompressionOptions {
  /** Not called for a batch that runs in a thread as a whole: see `timesSteps`. */
  readonly onStep?: StepListener;
}

export const createContext = (options: PipelineOptions): PipelineContext => ({
  ...options,
  onStep: options.onStep ?? (() => undefined),
});

export interface ArchiverOptions extends PipelineOptions {
  readonly storeOf: (source: Source) => ArchiveStore;
  /** Whether results contain the times of the steps. @default false */
  readonly timesSteps?: boolean;
}

/**
 * With `createArchiveThreads` a batch runs in a thread as a whole, where its store can be opened there. Otherwise it runs
 * in the calling thread on the given disk, and only its bytes are processed by the threads.
 */
export function createArchiver(options: ArchiverOptions): Archiver {
  const { threads, storeOf } = options;
  const choice = createCompressionChoice(options);
  const here = runHere(options);
  const inThread = isArchiveThreads(threads) ? runInThread(options, threads) : here;
  const inFlight = new BatchesInFlight();
  return {
    parallelism: threads.parallelism,
    get busy() {
      return threads.busy;
    },
    inWork: () => inFlight.list(),
    archive: async (source, segments, batch) => {
      const results = await settled(() => archive(source, segments, batch));
      return isWalqError(results) ? failed(source, segments, results) : results;
    },
    close: () => threads.close(),
  };

  async function archive(
    source: Source,
    segments: readonly string[],
    batch: BatchOptions,
  ): Promise<readonly SegmentResult[]> {
    const [segment] = segments;
    if (segment === undefined) return [];
    const store = storeOf(source);
    const run = store.shared === undefined ? here : inThread;
    const compression = await choice.choose({ source, store, segment, signal: batch.signal });
    const idle = threads.parallelism - threads.busy;
    const results = await Promise.all(
      inParts(segments, idle).map(async (part) => {
        const done = await settled(() =>
          inFlight.with(source.name, part, (progress) =>
            run({ source, store, segments: part, compression, progress }, batch),
          ),
        );
        return isWalqError(done) ? failed(source, part, done) : done.map(withItsNames(source));
      }),
    );
    for (const { report } of results.flat()) {
      if (report !== undefined) choice.note(source, compression, report);
    }
    return results.flat();
  }
}

/** Spreads a batch over the threads that are idle. */
function inParts(segments: readonly string[], idle: number): readonly (readonly string[])[] {
  const size = Math.ceil(segments.length / Math.max(1, idle));
  const count = Math.ceil(segments.length / size);
  return Array.from({ length: count }, (_, at) => segments.slice(at * size, (at + 1) * size));
}

interface PartOfBatch {
  readonly source: Source;
  readonly store: ArchiveStore;
  readonly segments: readonly string[];
  readonly compression: Compression;
  readonly progress: BatchProgress;
}

type RunPart = (part: PartOfBatch, batch: BatchOptions) => Promise<readonly SegmentResult[]>;

function runHere(options: ArchiverOptions): RunPart {
  const sources = new OpenSources(options.disk);
  const context = createContext(options);
  const run = options.timesSteps === true ? archiveTimingSteps : archiveBatch;
  return async ({ source, store, segments, ...part }, batch) => {
    const open = await sources.of(source, store);
    return run(startBatch({ ...part, context, open }, batch), segments);
  };
}

function runInThread(
  { conservative, worker, timesSteps = false }: ArchiverOptions,
  threads: ArchiveThreads,
): RunPart {
  return async ({ source, store: { shared: store }, ...part }, batch) => {
    if (store === undefined)
      throw new TypeError(`no thread can open the archive of ${source.name}`);
    const task = {
      ...part,
      source: toPlainSource(source),
      store,
      conservative,
      worker,
      timesSteps,
    };
    const { lease, acknowledge, evenBelowFloor } = batch;
    const never = new AbortController().signal;
    const results = await withCancelFlag(batch.signal, (cancel) =>
      withCancelFlag(batch.finish ?? never, (finish) => {
        const options = { signal: cancel, finish, lease, acknowledge, evenBelowFloor };
        return threads.archive({ ...task, cancel, options });
      }),
    );
    return results.map(fromPlainResult);
  };
}

const failed = (
  source: Source,
  segments: readonly string[],
  failure: WalqError,
): readonly SegmentResult[] =>
  segments.map((segment) => withItsNames(source)({ segment, failure }));

const withItsNames =
  ({ name: source }: Source) =>
  (result: SegmentResult): SegmentResult => {
    const { segment, failure } = result;
    if (failure === undefined) return result;
    return { ...result, failure: withNames(failure, { source, segment }) };
  };

/** A segment in flight. */
export interface SegmentInWork {
  readonly source: string;
  readonly segment: string;
  /** Bytes of the source file; 0 before a thread has opened it. */
  readonly bytes: number;
  readonly doneBytes: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

interface BatchInFlight {
  readonly source: string;
  readonly segments: readonly string[];
  readonly progress: BatchProgress;
}

class BatchesInFlight {
  readonly #batches = new Set<BatchInFlight>();

  async with<T>(
    source: string,
    segments: readonly string[],
    work: (progress: BatchProgress) => Promise<T>,
  ): Promise<T> {
    const progress = newProgress();
    progressTo(progress, 0, new Date());
    const batch = { source, segments, progress };
    this.#batches.add(batch);
    try {
      return await work(progress);
    } finally {
      this.#batches.delete(batch);
    }
  }

  list(): SegmentInWork[] {
    return [...this.#batches].map(({ source, segments, progress }) => {
      const { index, ...state } = readProgress(progress);
      return { source, segment: segments[index] ?? '', ...state };
    });
  }
}
