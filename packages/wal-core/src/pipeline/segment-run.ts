/**
 * What the steps of a segment's way are given, and the states that the segment passes on it: each can only be made
 * from the one before.
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
 * The steps on a segment's way, in their order. Each is announced before it begins, so that a test can
 * fail or kill the process there, and whoever measures can time it.
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

/** Those of a replacement alone, between `compress` and `publish`. */
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
  /** `conservative_mode`: prove the staged object by reading it back; else decode the stream on its way. */
  readonly conservative: boolean;
  /** Who archives, as the manifest says it: host and process. */
  readonly worker: string;
  readonly onStep: StepListener;
}

/** What the caller says of one segment. */
export interface SegmentOptions {
  /** Stops the work between two chunks; the call then rejects with `cancelled`. */
  readonly signal: AbortSignal;
  /** Asked right before the source is deleted; throws when the right to go on was lost, such as a lease. */
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

/** One segment on its way, with its source and its archive: the one object that every step is given. */
export interface SegmentRun extends PipelineContext, OpenSource, Required<SegmentOptions> {
  /** File name of the segment. */
  readonly segment: string;
  readonly progress: SegmentProgress;
  readonly clock: PipelineClock;
}

/** Begins a run now: its clock starts. */
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
  const message = `the archiving of ${segment} was cancelled before its source was deleted`;
  throw new WalqError('cancelled', { message, cause: signal.reason });
}

/** Sealed and flushed, by the source's own watermark. */
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
  /** What the thread spent on it. */
  readonly times: ThreadTimes;
}

/** Compressed into a staged file that was fsynced, decoded and found equal to the source. */
export interface CompressedSegment extends MeasuredSegment {
  readonly staging: Staging;
  readonly objectBytes: number;
}

/**
 * There is an object under the segment's key. `published`: by this process, from the staged file that
 * was proved. `found`: by somebody else or earlier; nothing is known of it yet.
 */
export type StoredSegment =
  | (MeasuredSegment & { readonly origin: 'published'; readonly objectBytes: number })
  | (MeasuredSegment & { readonly origin: 'found' });
