import type { Disk } from '../base/disk/disk.ts';
import type { SegmentName } from '../source/segment-name.ts';
import type { Lock } from '../base/lock/take-lock.ts';
import type { ResumedSegment } from './resume-segment.ts';

/** Sizes in bytes; see `OpenLogOptions`. */
export interface LogLimits {
  readonly segmentBytesMax: number;
  readonly commitBytesMax: number;
}

/** What a log is made of when it is opened. */
export interface LogParts extends LogLimits {
  readonly disk: Disk;
  readonly directory: string;
  readonly lock: Lock;
  readonly recovered: ResumedSegment;
  readonly onSealed: (segment: SegmentName) => void;
}
