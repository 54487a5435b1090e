/** The two ways to free a key: its object is removed by retention, or copied aside and removed by repair. */
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { WalqError } from '../../base/failure/walq-error.ts';
import { newAsidePath, type ArchiveKey } from '../archive-key.ts';
import { isAnswer, isNoObject } from './failures.ts';
import { objectKey, show, type S3Archive } from './s3-archive.ts';
import { encryptionOf } from './publish.ts';
import { head } from './read.ts';

export async function remove(
  archive: S3Archive,
  key: ArchiveKey,
): Promise<'removed' | 'absent' | 'held'> {
  const found = await head(archive, key);
  return found === undefined ? 'absent' : removeFound(archive, key, found);
}

/** Removes the object that was found, and no other that was published since. */
async function removeFound(
  archive: S3Archive,
  key: ArchiveKey,
  found: HeadObjectCommandOutput,
): Promise<'removed' | 'held'> {
  if (isLocked(found)) return 'held';
  const name = objectKey(archive, key);
  const what = `remove '${show(archive, name)}'`;
  return archive.connection.call({ what }, async ({ s3, abortSignal }) => {
    try {
      const { VersionId, ETag: IfMatch } = found;
      const which = VersionId === undefined ? { IfMatch } : { VersionId };
      await s3.deleteObject({ Bucket: archive.bucket, Key: name, ...which }, { abortSignal });
      return 'removed';
    } catch (error) {
      // Without permission to read the lock, only the removal shows it.
      if (isAnswer(error, 'AccessDenied') && /object lock/i.test(String(error))) return 'held';
      if (isAnswer(error, 'NoSuchKey', 'NoSuchVersion')) return 'removed';
      throw error;
    }
  });
}

const isLocked = (found: HeadObjectCommandOutput): boolean =>
  found.ObjectLockLegalHoldStatus === 'ON' ||
  (found.ObjectLockRetainUntilDate?.getTime() ?? 0) > Date.now();

export async function moveAside(archive: S3Archive, key: ArchiveKey): Promise<string | undefined> {
  const found = await head(archive, key);
  if (found === undefined) return undefined;
  const name = newAsidePath(key);
  if (!(await copy(archive, key, found, name))) return undefined;
  if ((await removeFound(archive, key, found)) === 'held') await hide(archive, key, found);
  return name;
}

/** Lets the server copy the object, and checks the copy. False when the object was removed at the same time. */
async function copy(
  archive: S3Archive,
  key: ArchiveKey,
  { ContentLength: bytes = 0, ETag }: HeadObjectCommandOutput,
  name: string,
): Promise<boolean> {
  const { bucket, prefix, settings } = archive;
  const from = objectKey(archive, key);
  const to = `${prefix}${name}`;
  const what = `set '${show(archive, from)}' aside`;
  return archive.connection.call({ what, bytes }, async ({ s3, abortSignal }) => {
    try {
      const source = `${bucket}/${from.split('/').map(encodeURIComponent).join('/')}`;
      await s3.copyObject(
        {
          Bucket: bucket,
          Key: to,
          CopySource: source,
          CopySourceIfMatch: ETag,
          ...encryptionOf(settings),
        },
        { abortSignal },
      );
    } catch (error) {
      if (isNoObject(error)) return false;
      throw error;
    }
    const copied = await s3.headObject({ Bucket: bucket, Key: to }, { abortSignal });
    if (copied.ContentLength === bytes) return true;
    throw new WalqError('store-unavailable', {
      message: `the copy '${to}' has ${copied.ContentLength} bytes instead of ${bytes}`,
    });
  });
}

/** A locked object cannot be removed. A delete marker frees its key, and the locked version stays. */
async function hide(
  archive: S3Archive,
  key: ArchiveKey,
  { ETag: IfMatch }: HeadObjectCommandOutput,
): Promise<void> {
  const name = objectKey(archive, key);
  const what = `set '${show(archive, name)}' aside`;
  await archive.connection.call({ what }, ({ s3, abortSignal }) =>
    s3.deleteObject({ Bucket: archive.bucket, Key: name, IfMatch }, { abortSignal }),
  );
}
