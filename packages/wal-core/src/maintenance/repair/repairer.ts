/** Repairs one source in this process, next to whatever roles are running: the core of `walq repair`. */
import {
  createArchiver,
  createContext,
  type Archiver,
  type PipelineOptions,
} from '../../pipeline/archiver.ts';
import { createCompressionChoice, type CompressionChoice } from '../../pipeline/compression.ts';
import { openSource, type OpenSource } from '../../pipeline/open-source.ts';
import type { PipelineContext } from '../../pipeline/segment-run.ts';
import { isArchived, type SegmentReport } from '../../pipeline/report.ts';
import type { ArchiveDueOptions } from '../../pipeline/try-segments.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import type { Source } from '../../source/source.ts';
import type { ArchiveStore } from '../../store/store.ts';
import { checkSegments, type CheckedSegment } from './check-segments.ts';
import { rearchive, segmentsToRearchive, type RearchiveOptions } from './rearchive.ts';
import { RepairLock } from './replace-segment.ts';
import { RepairLog } from '../../archive/repairs.ts';

export interface RepairerOptions extends PipelineOptions {
  readonly source: Source;
  readonly store: ArchiveStore;
  /** Who repairs: `user@host`. */
  readonly by: string;
}

export interface RepairRun
  extends
    ArchiveDueOptions,
    Pick<RearchiveOptions, 'replaceCorrupt' | 'replaceGrown' | 'takeOver' | 'onReplaced'> {}

export class Repairer {
  readonly #options: RepairerOptions;
  readonly #open: OpenSource;
  readonly #context: PipelineContext;
  readonly #choice: CompressionChoice;
  readonly #archiver: Archiver;
  readonly #log: RepairLog;

  private constructor(options: RepairerOptions, open: OpenSource) {
    const { store, by } = options;
    this.#options = options;
    this.#open = open;
    this.#context = createContext(options);
    this.#choice = createCompressionChoice(options);
    this.#archiver = createArchiver({ ...options, storeOf: () => store });
    this.#log = new RepairLog({ store, source: open.source.name, by });
  }

  /** Rejects where the source or its identity cannot be read, or belongs to another archive, as a worker does. */
  static async open(options: RepairerOptions): Promise<Repairer> {
    return new Repairer(options, await openSource({ ...options, registerIfNew: false }));
  }

  /** The source, completed by its directory. */
  get source(): Source {
    return this.#open.source;
  }

  /** Segments at the source that are sealed and flushed, and those of unfinished repairs. */
  segments(): Promise<readonly SegmentName[]> {
    return segmentsToRearchive(this.#options.disk, this.#open);
  }

  /** Checks what the archive holds for each segment, in order; changes nothing. */
  check(segments: readonly SegmentName[], signal: AbortSignal): AsyncGenerator<CheckedSegment> {
    const { disk, threads } = this.#options;
    return checkSegments({ disk, open: this.#open, threads, signal }, segments);
  }

  /** Archives all of `segments` again, and records it. */
  rearchiveAll(
    segments: readonly SegmentName[],
    run: RepairRun,
  ): Promise<readonly SegmentReport[]> {
    const count = `${segments.length} segments at the source`;
    return this.#log.around(
      { action: 'rearchive', why: `archive the missing ones of ${count}` },
      () => this.rearchive(segments, run),
      (reports) => `${reports.filter(isArchived).length} of ${count} are in the archive`,
    );
  }

  /** Archives the segments again, as many at a time as there are threads; returns one report each, in order. */
  async rearchive(
    segments: readonly SegmentName[],
    run: RepairRun,
  ): Promise<readonly SegmentReport[]> {
    const lock = new RepairLock(this.#options.disk, this.#open.source);
    try {
      return await rearchive({
        ...run,
        segments,
        lock,
        context: this.#context,
        choice: this.#choice,
        open: this.#open,
        archiver: this.#archiver,
        log: this.#log,
      });
    } finally {
      await lock.release();
    }
  }
}
