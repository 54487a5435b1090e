import type { FailureCode } from '../../base/failure/catalogue.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import { archiveKeyOf, keyPath, type ArchiveKey } from '../../store/archive-key.ts';
import { isWalqError, WalqError } from '../../base/failure/walq-error.ts';

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

// What can be wrong with an object.

/** An object of the right name in a shard where nobody looks for it. */
export function assertSameShard(key: ArchiveKey, name: SegmentName): void {
  const { shard } = archiveKeyOf(key.source, name);
  if (shard === key.shard) return;
  throw new WalqError('object-foreign', {
    message: `${keyPath(key)} is looked for in ${keyPath({ ...key, shard })}, where walq puts it`,
  });
}

const faults = ['object-corrupt', 'object-foreign', 'archive-format-unknown'] as const;
const ofDictionaries = ['dictionary-missing', 'dictionary-corrupt'] as const;

/** Whether nothing is known of the object, because its dictionary cannot be had. */
export const isUndecided = ({ code }: Pick<CheckFault, 'code'>): boolean =>
  ofDictionaries.some((one) => one === code);

/** Anything but a fault of the object itself or of its dictionary, such as a store that is away, is thrown on. */
export function toFault(error: unknown): CheckFault {
  if (!isWalqError(error, ...faults, ...ofDictionaries)) throw error;
  return { code: error.code, message: error.message };
}
