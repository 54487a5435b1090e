/**
 * What every step of the pipeline receives, and the states that a segment passes through: each can only be made from
 * the
 * one before.
 */
import type { Dictionaries } from '../archive/dictionaries.ts';
import type { Disk } from '../base/disk/disk.ts';
import type { Fingerprint } from '../codec/fingerprint.ts';
import type { SourceChecksum } from '../codec/source-checksum.ts';
import { newProgress, type SegmentProgress, type ThreadTimes } from '../codec/thread-signals.ts';
import type { SegmentName } from '../source/segment-name.ts';
import type { Source } from '../source/source.ts';
import type { ArchiveKey } from '../store/archive-key.ts';
import type { Staging } from '../store/store.ts';
import type { Threads } from '../threads/threads.ts';
import type { Lease } from './lease.ts';
import type { Levels } from './levels.ts';
import type { OpenSource } from './open-source.ts';
import { PipelineClock } from './report.ts';

/**
 * The steps of the pipeline, in order. Each is announced before it starts, so that a test can fail or kill the
 * process
 * there, and a benchmark can time it.
 */
export const steps = [
  'admit',
  'find',
  'stage',
  'compress',
  'recheck',
  'publish',
  'confirm',
  'make-durable',
  'compare-source',
  'unlink-source',
  'sync-source',
  'acknowledge',
] as const;

/** Additional steps of a replacement, between `compress` and `publish`. */
const replaceSteps = ['begin-replace', 'move-aside', 'record-moved', 'end-replace'] as const;

export type Step = (typeof steps)[number] | (typeof replaceSteps)[number];

/** Awaited before each step; a rejection fails the segment there. */
export type StepListener = (step: Step, segment: string) => void | Promise<void>;

/** What all segments of a process have in common. */
export interface PipelineContext {
  readonly disk: Disk;
  readonly threads: Threads;
  readonly levels: Levels;
  readonly dictionaries: Dictionaries;
  /**
   * `conservative_mode`: prove the staged object by reading it back. Otherwise the compressed stream is decoded as it
   * is written.
   */
  readonly conservative: boolean;
  /** Name of this worker for the manifest: `host:pid:random`. */
  readonly worker: string;
  readonly onStep: StepListener;
}

/** Options of one batch. */
export interface BatchOptions {
  /** Cancels: segments that are not finished end as `cancelled`, between two chunks. */
  readonly signal: AbortSignal;
  /** Ends the batch early: the segment in work is finished, and the others end as `cancelled`. */
  readonly finish?: AbortSignal;
  /** Until when sources may be deleted. @default for ever */
  readonly lease?: Lease;
  /**
   * For a PostgreSQL source: whether to leave a marker for its archiver. Not for a caller that answers PostgreSQL
   * itself. @default true
   */
  readonly acknowledge?: boolean;
  /**
   * Whether to archive a segment below the prune floor, for PostgreSQL, which waits for an answer. The next prune
   * removes
   * the object. @default false
   */
  readonly evenBelowFloor?: boolean;
}

/** One segment with its source and its archive: the object that every step receives. */
export interface SegmentRun extends PipelineContext, OpenSource {
  /** File name of the segment. */
  readonly segment: string;
  readonly signal: AbortSignal;
  readonly lease?: Lease | undefined;
  readonly acknowledge: boolean;
  readonly evenBelowFloor: boolean;
  readonly progress: SegmentProgress;
  readonly clock: PipelineClock;
}

export const startRun = (
  context: PipelineContext,
  open: OpenSource,
  segment: string,
  { signal, lease, acknowledge = true, evenBelowFloor = false }: BatchOptions,
  progress: SegmentProgress = newProgress(),
): SegmentRun => ({
  ...context,
  ...open,
  segment,
  signal,
  lease,
  acknowledge,
  evenBelowFloor,
  progress,
  clock: new PipelineClock(),
});

/** Sealed and flushed, according to the source's own watermark. */
export interface SourceSegment {
  readonly source: Source;
  readonly sourceId: string;
  readonly name: SegmentName;
  readonly key: ArchiveKey;
  readonly path: string;
}

/** Read from the first byte to the last. */
export interface MeasuredSegment extends SourceSegment {
  readonly fingerprint: Fingerprint;
  readonly bytes: number;
  readonly sourceChecksum: SourceChecksum;
  /** Times measured in the thread. */
  readonly times: ThreadTimes;
}

/** Compressed into a staged file that was fsynced, decoded and found equal to the source. */
export interface CompressedSegment extends MeasuredSegment {
  readonly staging: Staging;
  readonly objectBytes: number;
}

/**
 * There is an object under the segment's key. `published`: by this process, from the staged file that was proved.
 * `found`:
 * published earlier or by another process; nothing is known about it yet.
 */
export type StoredSegment =
  | (MeasuredSegment & { readonly origin: 'published'; readonly objectBytes: number })
  | (MeasuredSegment & { readonly origin: 'found' });
