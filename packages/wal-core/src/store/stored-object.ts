/** One object of an archive: whether it exists, its manifest, and whether the manifest matches its key. */
import { withNames } from '../base/failure/advice.ts';
import { isWalqError, WalqError } from '../base/failure/walq-error.ts';
import { decodeManifestFrame, MANIFEST_TAIL_BYTES } from '../codec/manifest-frame.ts';
import { parseManifest, type Manifest } from '../codec/manifest.ts';
import type { SegmentName } from '../source/segment-name.ts';
import { archiveKeyOf, keyPath, type ArchiveKey } from './archive-key.ts';
import type { ArchiveStore } from './store.ts';

/**
 * The manifest of an object, from one read of its tail; undefined when there is no object. Rejects with
 * `object-foreign` or `object-corrupt` when the object has no valid manifest.
 */
export async function readManifest(
  store: ArchiveStore,
  key: ArchiveKey,
): Promise<Manifest | undefined> {
  const tail = await store.readTail(key, MANIFEST_TAIL_BYTES);
  if (tail === undefined) return undefined;
  const where = keyPath(key);
  try {
    return parseManifest(where, decodeManifestFrame(where, tail).json);
  } catch (error) {
    throw withNames(error, { source: key.source, segment: key.segment });
  }
}

/*
 * An intact object under the key of another segment is never restored. So it must never count as that segment's copy,
 * least of all before a source is deleted.
 */
type KeyedManifest = Pick<Manifest, 'source' | 'segment'>;

export const matchesKey = (manifest: KeyedManifest, key: ArchiveKey): boolean =>
  manifest.segment === key.segment && manifest.source === key.source;

/** @throws WalqError `object-corrupt` */
export function assertMatchesKey(manifest: KeyedManifest, key: ArchiveKey): void {
  if (matchesKey(manifest, key)) return;
  throw new WalqError('object-corrupt', {
    message: `the manifest of ${keyPath(key)} names segment ${manifest.segment} of source '${manifest.source}'`,
  });
}

/**
 * Whether something exists under a segment's key, including something that is not a regular file. A name that is not
 * valid in an archive does not exist.
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
