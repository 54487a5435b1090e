/** The pipeline as workers and the cleaner use it: one instance per process, for any number of sources. */
import { claiming } from './claim.ts';
import { createDictionaries, type DictionariesOptions } from '../archive/dictionaries.ts';
import { withNames } from '../base/failure/advice.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { createLevels, type LevelsOptions } from './levels.ts';
import { readIdentity } from '../source/identity.ts';
import type { Source } from '../source/source.ts';
import { archiveSegment } from './archive-segment.ts';
import {
  startRun,
  type BatchOptions,
  type PipelineContext,
  type StepListener,
} from './segment-run.ts';
import { openSource, type OpenSource } from './open-source.ts';
import type { SegmentReport } from './report.ts';
import type { ArchiveStore } from '../store/store.ts';
import { newProgress, readProgress, type SegmentProgress } from '../codec/thread-signals.ts';

export interface Archiver {
  /** How many segments are archived at the same time; others wait. */
  readonly parallelism: number;
  /** How many threads are busy now. */
  readonly busy: number;
  /** Segments in flight, oldest first. */
  inWork(): readonly SegmentInWork[];
  /**
   * Archives segments of one source from end to end, and deletes them there if the source is configured so. Gives one
   * result for each segment, in order. A segment that fails affects no other one, and never rejects.
   */
  archive(
    source: Source,
    segments: readonly string[],
    options: BatchOptions,
  ): Promise<readonly SegmentResult[]>;
  /** Waits for segments in flight, then ends the threads. */
  close(): Promise<void>;
}

/** The report of a segment that is in the archive now, or its failure, whose class says whether a retry can succeed. */
export type SegmentResult = { readonly segment: string } & (
  | { readonly report: SegmentReport; readonly failure?: undefined }
  | { readonly failure: WalqError; readonly report?: undefined }
);

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

export interface PipelineOptions
  extends
    Omit<PipelineContext, 'onStep' | 'levels' | 'dictionaries'>,
    Pick<LevelsOptions, 'level' | 'onLevel'>,
    Pick<DictionariesOptions, 'dictionary' | 'onDictionary'> {
  readonly onStep?: StepListener;
}

export const createContext = (options: PipelineOptions): PipelineContext => ({
  ...options,
  levels: createLevels(options),
  dictionaries: createDictionaries(options),
  onStep: options.onStep ?? (() => undefined),
});

export interface ArchiverOptions extends PipelineOptions {
  readonly storeOf: (source: Source) => ArchiveStore;
}

export function createArchiver(options: ArchiverOptions): Archiver {
  const { disk, threads } = options;
  const sources = new OpenSources(options);
  const context = createContext(options);
  const inFlight = new SegmentsInFlight();
  return {
    parallelism: threads.parallelism,
    get busy() {
      return threads.busy;
    },
    inWork: () => inFlight.list(),
    archive: async (configured, segments, batch) => {
      const results: SegmentResult[] = [];
      for (const segment of segments) results.push(await resultOf(configured, segment, batch));
      return results;
    },
    close: () => threads.close(),
  };

  async function resultOf(
    configured: Source,
    segment: string,
    batch: BatchOptions,
  ): Promise<SegmentResult> {
    try {
      return { segment, report: await archive(configured, segment, batch) };
    } catch (error) {
      return { segment, failure: withNames(error, { source: configured.name, segment }) };
    }
  }

  async function archive(configured: Source, segment: string, batch: BatchOptions) {
    throwIfEnding(batch.finish, segment);
    const open = await sources.of(configured);
    const { source } = open;
    return inFlight.with(source.name, segment, (progress) => {
      const work = () => archiveSegment(startRun(context, open, segment, batch, progress));
      return isClaimed(source, segment) ? claiming(disk, source, segment, work) : work();
    });
  }
}

function throwIfEnding(finish: AbortSignal | undefined, segment: string): void {
  if (finish?.aborted !== true) return;
  throw new WalqError('cancelled', {
    message: `${segment} was not begun: its batch was told to end`,
    cause: finish.reason,
  });
}

/** A name from a job is used as a file name only once the source's naming accepts it. */
const isClaimed = ({ sealedRule, naming }: Source, segment: string): boolean =>
  sealedRule.kind === 'ready' && naming.parse(segment) !== undefined;

interface Opening {
  readonly sourceId: string | undefined;
  readonly open: Promise<OpenSource>;
}

/**
 * Opens each source once and reuses it while its directory carries the same identity: another directory may be
 * mounted
 * there later. A source that could not be opened is opened again at the next call.
 */
class OpenSources {
  readonly #options: ArchiverOptions;
  readonly #openings = new Map<string, Opening>();

  constructor(options: ArchiverOptions) {
    this.#options = options;
  }

  async of(source: Source): Promise<OpenSource> {
    const { disk, storeOf } = this.#options;
    const sourceId = await readIdentity(disk, source);
    const known = this.#openings.get(source.name);
    if (known !== undefined && known.sourceId === sourceId) return known.open;
    const open = openSource({ disk, source, store: storeOf(source), registerIfNew: false });
    const opening = { sourceId, open };
    this.#openings.set(source.name, opening);
    open.catch(() => this.#forget(source, opening));
    return open;
  }

  #forget(source: Source, opening: Opening): void {
    if (this.#openings.get(source.name) === opening) this.#openings.delete(source.name);
  }
}

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

class SegmentsInFlight {
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
