import type { FailureCode } from '../../base/failure/catalogue.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import { archiveKeyOf, keyPath, type ArchiveKey } from '../../store/archive-key.ts';
import { isWalqError, WalqError } from '../../base/failure/walq-error.ts';

/** An object in the archive, in its current state. */
export interface FoundObject {
  readonly key: ArchiveKey;
  readonly name: SegmentName;
  readonly objectBytes: number;
  /** See `ObjectStat`; empty where the store has none. */
  readonly identity: string;
}

/** The result of reading an object in full. */
export interface CheckRecord extends Omit<FoundObject, 'key' | 'name'> {
  /** Milliseconds since 1970. */
  readonly checkedAtMs: number;
  /** Undefined where the object was sound. */
  readonly fault?: CheckFault;
}

export interface CheckFault {
  readonly code: FailureCode;
  readonly message: string;
}

/** Rejects an object whose shard is not the one where walq reads it. */
export function assertSameShard(key: ArchiveKey, name: SegmentName): void {
  const { shard } = archiveKeyOf(key.source, name);
  if (shard === key.shard) return;
  throw new WalqError('object-foreign', {
    message: `${keyPath(key)} is in the wrong place: walq reads this segment from ${keyPath({ ...key, shard })}`,
  });
}

const faults = ['object-corrupt', 'object-foreign', 'archive-format-unknown'] as const;
const ofDictionaries = ['dictionary-missing', 'dictionary-corrupt'] as const;

/** Whether nothing is known about the object because its dictionary is not available. */
export const isUndecided = ({ code }: Pick<CheckFault, 'code'>): boolean =>
  ofDictionaries.some((one) => one === code);

/** Rethrows anything but a fault of the object or its dictionary, such as an unavailable store. */
export function toFault(error: unknown): CheckFault {
  if (!isWalqError(error, ...faults, ...ofDictionaries)) throw error;
  return { code: error.code, message: error.message };
}
