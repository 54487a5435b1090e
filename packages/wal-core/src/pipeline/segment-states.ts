/** A segment on its way. Each state can only be made from the one before it. */
import type { Fingerprint } from '../codec/fingerprint.ts';
import type { ThreadTimes } from '../codec/stage-clock.ts';
import type { Source } from '../source/source.ts';
import type { SegmentName } from '../source/segment-name.ts';
import type { ArchiveKey } from '../store/archive-key.ts';
import type { SourceChecksum } from '../codec/manifest.ts';
import type { Staging } from '../store/store.ts';

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
