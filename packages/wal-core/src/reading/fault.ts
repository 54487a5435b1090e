/** What can be wrong with an object. */
import { isWalqError, WalqError } from '../base/failure/walq-error.ts';
import type { CheckFault } from './checks/check-record.ts';
import type { SegmentName } from '../source/segment-name.ts';
import { archiveKeyOf, keyPath, type ArchiveKey } from '../store/archive-key.ts';

/** An object of the right name in a shard where nobody looks for it. */
export function refuseOtherShard(key: ArchiveKey, name: SegmentName): void {
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
