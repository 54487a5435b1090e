/**
 * Removing an object so that it takes no room any more: in a bucket with versions its very version, for a
 * delete marker would only hide it.
 */
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { ArchiveKey } from '../archive-key.ts';
import { isAnswer } from './failures.ts';
import { objectKey, show, type Bucket } from './place.ts';
import { head } from './read.ts';

export async function remove(
  place: Bucket,
  key: ArchiveKey,
): Promise<'removed' | 'absent' | 'held'> {
  const found = await head(place, key);
  return found === undefined ? 'absent' : removeFound(place, key, found);
}

/** Removes the object that was seen, and no other that may have come since. */
export async function removeFound(
  place: Bucket,
  key: ArchiveKey,
  found: HeadObjectCommandOutput,
): Promise<'removed' | 'held'> {
  if (isLocked(found)) return 'held';
  const name = objectKey(place, key);
  const what = `remove '${show(place, name)}'`;
  return place.link.call({ what }, async ({ s3, abortSignal }) => {
    try {
      const { VersionId, ETag: IfMatch } = found;
      const which = VersionId === undefined ? { IfMatch } : { VersionId };
      await s3.deleteObject({ Bucket: place.bucket, Key: name, ...which }, { abortSignal });
      return 'removed';
    } catch (error) {
      // Whoever may not ask for the lock is only told of it now.
      if (isAnswer(error, 'AccessDenied') && /object lock/i.test(String(error))) return 'held';
      if (isAnswer(error, 'NoSuchKey', 'NoSuchVersion')) return 'removed';
      throw error;
    }
  });
}

const isLocked = (found: HeadObjectCommandOutput): boolean =>
  found.ObjectLockLegalHoldStatus === 'ON' ||
  (found.ObjectLockRetainUntilDate?.getTime() ?? 0) > Date.now();
