import type { FailureCode } from '../../base/failure/catalogue.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import type { ArchiveKey } from '../../store/archive-key.ts';

/** An object as it lies in the archive now. */
export interface FoundObject {
  readonly key: ArchiveKey;
  readonly name: SegmentName;
  readonly objectBytes: number;
  /** See `ObjectStat`; empty where the store tells none. */
  readonly identity: string;
}

/** That every byte of an object was read, when, and what came of it. */
export interface CheckRecord extends Omit<FoundObject, 'key' | 'name'> {
  /** Milliseconds since 1970. */
  readonly checkedAtMs: number;
  /** Undefined where it was sound. */
  readonly fault?: CheckFault;
}

export interface CheckFault {
  readonly code: FailureCode;
  readonly message: string;
}
