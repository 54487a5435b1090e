/**
 * What every step of the pipeline receives, and the states that a segment passes through: each can only be made from
 * the one before.
 */
import type { Disk } from '../base/disk/disk.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import type { Dictionary } from '../codec/dictionary.ts';
import type { Fingerprint } from '../codec/fingerprint.ts';
import type { SourceChecksum } from '../codec/source-checksum.ts';
import {
  isStopped,
  newProgress,
  type BatchProgress,
  type Lease,
  type Stop,
  type ThreadTimes,
} from '../codec/thread-signals.ts';
import type { SegmentName } from '../source/segment-name.ts';
import type { Source } from '../source/source.ts';
import type { ArchiveKey } from '../store/archive-key.ts';
import type { Staging } from '../store/store.ts';
import type { Threads } from '../threads/threads.ts';
import type { OpenSource } from './open-source.ts';
import { PipelineClock } from './report.ts';

/**
 * The steps of the pipeline, in order. Each is announced before it starts, so that a test can fail or kill the process
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
  /**
   * `conservative_mode`: prove the staged object by reading it back. Otherwise the compressed stream is decoded as it
   * is written.
   */
  readonly conservative: boolean;
  /** Name of this worker for the manifest: `host:pid:random`. */
  readonly worker: string;
  readonly onStep: StepListener;
}

/** Options of one batch; in another thread a flag stops it. */
export interface BatchOptions<By extends Stop = AbortSignal> {
  /** Cancels: segments that are not finished end as `cancelled`, between two chunks. */
  readonly signal: By;
  /** Ends the batch early: the segment in work is finished, and the others end as `cancelled`. */
  readonly finish?: By | undefined;
  /** Until when sources may be deleted. @default for ever */
  readonly lease?: Lease | undefined;
  /**
   * For a PostgreSQL source: whether to leave a marker for its archiver. Not for a caller that answers PostgreSQL
   * itself. @default true
   */
  readonly acknowledge?: boolean | undefined;
  /**
   * Whether to archive a segment below the prune floor, for PostgreSQL, which waits for an answer. The next prune
   * removes the object. @default false
   */
  readonly evenBelowFloor?: boolean | undefined;
}

/** How the segments of a batch are compressed. */
export interface Compression {
  readonly level: number;
  /** Not for auxiliary files, such as a timeline's history, which must be readable without one. */
  readonly dictionary?: Dictionary | undefined;
}

/** The segments of one source that go through the pipeline together, and their archive. */
export interface BatchRun extends PipelineContext, OpenSource, Compression, BatchOptions<Stop> {
  readonly acknowledge: boolean;
  readonly evenBelowFloor: boolean;
  readonly progress: BatchProgress;
}

/** One segment of a batch: the object that every step receives. */
export interface SegmentRun extends BatchRun {
  /** File name of the segment. */
  readonly segment: string;
  /** Its position in the batch. */
  readonly index: number;
  readonly clock: PipelineClock;
}

/** What a batch needs in addition to the names of its segments. */
export interface BatchParts {
  readonly context: PipelineContext;
  readonly open: OpenSource;
  readonly compression: Compression;
  readonly progress?: BatchProgress;
}

export const startBatch = (
  { context, open, compression, progress = newProgress() }: BatchParts,
  { acknowledge = true, evenBelowFloor = false, ...options }: BatchOptions<Stop>,
): BatchRun => ({
  ...context,
  ...open,
  ...compression,
  ...options,
  acknowledge,
  evenBelowFloor,
  progress,
});

export const startRun = (batch: BatchRun, segment: string, index = 0): SegmentRun => ({
  ...batch,
  segment,
  index,
  clock: new PipelineClock(),
});

/** @throws WalqError `cancelled` */
export function throwIfStopped({ signal, segment }: SegmentRun): void {
  if (!isStopped(signal)) return;
  throw new WalqError('cancelled', { message: `archiving of ${segment} was cancelled` });
}

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

/** Compressed into a staged file that was decoded and found equal to the source. Its fsync may be in flight. */
export interface WrittenSegment extends MeasuredSegment {
  readonly staging: Staging;
  readonly objectBytes: number;
  readonly durable?: Promise<void> | undefined;
}

/** Compressed into a staged file that was fsynced, decoded and found equal to the source. */
export interface CompressedSegment extends WrittenSegment {
  readonly durable?: undefined;
}

/**
 * There is an object under the segment's key. `published`: by this process, from the staged file that was proved.
 * `found`:
 * published earlier or by another process; nothing is known about it yet.
 */
export type StoredSegment =
  | (MeasuredSegment & { readonly origin: 'published'; readonly objectBytes: number })
  | (MeasuredSegment & { readonly origin: 'found' });
