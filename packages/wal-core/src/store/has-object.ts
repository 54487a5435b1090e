import { isWalqError } from '../base/failure/walq-error.ts';
import type { SegmentName } from '../source/segment-name.ts';
import { archiveKeyOf } from './archive-key.ts';
import type { ArchiveStore } from './store.ts';

/**
 * Whether something stands under a segment's key, whatever it is. A name that fits into no archive is in
 * none; what is no regular file is something.
 */
export async function hasObject(
  store: ArchiveStore,
  source: string,
  segment: SegmentName,
): Promise<boolean> {
  try {
    return (await store.stat(archiveKeyOf(source, segment))) !== undefined;
  } catch (error) {
    if (isWalqError(error, 'segment-name-refused')) return false;
    if (isWalqError(error, 'object-foreign')) return true;
    throw error;
  }
}
