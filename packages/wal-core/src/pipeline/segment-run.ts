/**
 * What every step of the pipeline receives, and the states that a segment passes through: each can only be made from
 * the
 * one before.
 */
import type { Dictionaries } from '../archive/dictionaries.ts';
import type { Disk } from '../base/disk/disk.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import type { Fingerprint } from '../codec/fingerprint.ts';
import type { SourceChecksum } from '../codec/source-checksum.ts';
import { newProgress, type SegmentProgress, type ThreadTimes } from '../codec/thread-signals.ts';
import type { SegmentName } from '../source/segment-name.ts';
import type { Source } from '../source/source.ts';
import type { ArchiveKey } from '../store/archive-key.ts';
import type { Staging } from '../store/store.ts';
import type { Threads } from '../threads/threads.ts';
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

/** Options of one segment. */
export interface SegmentOptions {
  /** Stops between two chunks; the call then rejects with `cancelled`. */
  readonly signal: AbortSignal;
  /** Called right before the source is deleted. Throws when the right to continue was lost, such as a lease. */
  readonly beforeDelete?: () => void;
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
export interface SegmentRun extends PipelineContext, OpenSource, Required<SegmentOptions> {
  /** File name of the segment. */
  readonly segment: string;
  readonly progress: SegmentProgress;
  readonly clock: PipelineClock;
}

export function startRun(
  context: PipelineContext,
  open: OpenSource,
  segment: string,
  { signal, beforeDelete, acknowledge = true, evenBelowFloor = false }: SegmentOptions,
  progress: SegmentProgress = newProgress(),
): SegmentRun {
  return {
    ...context,
    ...open,
    segment,
    signal,
    acknowledge,
    evenBelowFloor,
    progress,
    clock: new PipelineClock(),
    beforeDelete: () => {
      throwIfAborted(signal, segment);
      beforeDelete?.();
    },
  };
}

function throwIfAborted(signal: AbortSignal, segment: string): void {
  if (!signal.aborted) return;
  const message = `archiving of ${segment} was cancelled before its source was deleted`;
  throw new WalqError('cancelled', { message, cause: signal.reason });
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
