/** The pipeline as workers and the cleaner use it: one per process, for any number of sources. */
import { claiming } from './acknowledge/claim.ts';
import { createDictionaries, type DictionariesOptions } from '../archive/dictionaries.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { withNames } from '../base/failure/advice.ts';
import { createLevels, type LevelsOptions } from './level/levels.ts';
import { readIdentity } from '../source/identity.ts';
import type { Source } from '../source/source.ts';
import { archiveSegment } from './archive-segment.ts';
import type { PipelineContext } from './context.ts';
import { openSource, type OpenSource } from './open-source.ts';
import { UnderWay, type SegmentInWork } from './under-way.ts';
import type { SegmentReport } from './outcome.ts';
import type { ArchiveStore } from '../store/store.ts';
import type { SegmentProgress } from '../codec/segment-progress.ts';

export interface ArchiveOptions {
  /** Stops the work between two chunks; the call then rejects with `cancelled`. */
  readonly signal: AbortSignal;
  /** Asked right before the source is deleted; throws when the right to go on was lost. */
  readonly beforeDelete?: () => void;
  /**
   * Of a PostgreSQL source: whether to leave its archiver the word that the file is archived; not for one
   * who answers himself. @default true
   */
  readonly acknowledge?: boolean;
  /**
   * Whether to archive a segment below the prune floor, for PostgreSQL, which waits for an answer; the next
   * prune removes it. @default false
   */
  readonly evenBelowFloor?: boolean;
}

export interface Archiver {
  /** Segments at once; more wait their turn. */
  readonly parallelism: number;
  /** How many threads work now. */
  readonly busy: number;
  /** What is under way, the oldest first. */
  inWork(): readonly SegmentInWork[];
  /**
   * Archives one segment of a source from end to end, and deletes it there where the source says so.
   * Rejects with a `WalqError`: `segment-not-flushed`, `cancelled`, or another whose class says whether
   * trying again can help.
   */
  archive(source: Source, segment: string, options: ArchiveOptions): Promise<SegmentReport>;
  /** Waits for what is under way, then ends the threads. */
  close(): Promise<void>;
}

export interface ArchiverOptions
  extends
    Omit<PipelineContext, 'store' | 'onStep' | 'levels' | 'dictionaries'>,
    Pick<LevelsOptions, 'level' | 'onLevel'>,
    Pick<DictionariesOptions, 'dictionary' | 'onDictionary'> {
  readonly storeOf: (source: Source) => ArchiveStore;
  readonly onStep?: PipelineContext['onStep'];
}

export function createArchiver(options: ArchiverOptions): Archiver {
  const open = new OpenSources(options);
  const onStep = options.onStep ?? (() => undefined);
  const levels = createLevels(options);
  const dictionaries = createDictionaries(options);
  const underWay = new UnderWay();
  return {
    parallelism: options.threads.parallelism,
    get busy() {
      return options.threads.busy;
    },
    inWork: () => underWay.list(),
    archive: (configured, segment, order) =>
      archive(configured, segment, order).catch((error: unknown) => {
        throw withNames(error, { source: configured.name, segment });
      }),
    close: () => options.threads.close(),
  };

  async function archive(
    configured: Source,
    segment: string,
    order: ArchiveOptions,
  ): Promise<SegmentReport> {
    const { signal, beforeDelete, acknowledge = true, evenBelowFloor = false } = order;
    const { store, ...opened } = await open.of(configured);
    const { source } = opened;
    const context: PipelineContext = { ...options, levels, dictionaries, store, onStep };
    const work = (progress: SegmentProgress) =>
      archiveSegment(context, {
        ...opened,
        progress,
        acknowledge,
        evenBelowFloor,
        segment,
        signal,
        beforeDelete: () => {
          throwIfAborted(signal, segment);
          beforeDelete?.();
        },
      });
    return underWay.with(source.name, segment, (progress) =>
      isClaimed(source, segment)
        ? claiming(options.disk, source, segment, () => work(progress))
        : work(progress),
    );
  }
}

/** A name from a job is a file's name only once the source's naming knows it. */
const isClaimed = ({ sealedRule, naming }: Source, segment: string): boolean =>
  sealedRule.kind === 'ready' && naming.parse(segment) !== undefined;

function throwIfAborted(signal: AbortSignal, segment: string): void {
  if (!signal.aborted) return;
  const message = `the archiving of ${segment} was cancelled before its source was deleted`;
  throw new WalqError('cancelled', { message, cause: signal.reason });
}

interface Opening {
  readonly sourceId: string | undefined;
  readonly open: Promise<OpenSource>;
}

/**
 * Opens each source once for as long as its directory carries the same identity: another may be mounted
 * there. One that could not be opened is tried again the next time.
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
    const open = openSource({ disk, source, store: storeOf(source), mayIntroduce: false });
    const opening = { sourceId, open };
    this.#openings.set(source.name, opening);
    open.catch(() => this.#forget(source, opening));
    return open;
  }

  #forget(source: Source, opening: Opening): void {
    if (this.#openings.get(source.name) === opening) this.#openings.delete(source.name);
  }
}
