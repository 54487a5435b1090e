/** One object of an archive: whether it is there, what it says of itself, whether it is the one that its key asks for. */
import { withNames } from '../base/failure/advice.ts';
import { isWalqError, WalqError } from '../base/failure/walq-error.ts';
import { decodeManifestFrame, MANIFEST_TAIL_BYTES } from '../codec/manifest-frame.ts';
import { parseManifest, type Manifest } from '../codec/manifest.ts';
import type { SegmentName } from '../source/segment-name.ts';
import { archiveKeyOf, keyPath, type ArchiveKey } from './archive-key.ts';
import type { ArchiveStore } from './store.ts';

/**
 * What an object says of itself, from one read of its tail; undefined when there is no object. Rejects
 * with `object-foreign` or `object-corrupt` when it says nothing sound.
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
 * A sound object under the key of another segment is restored by nobody: so nothing that acts on an object may take it
 * for the segment either, least of all who deletes a source.
 */
type KeyedManifest = Pick<Manifest, 'source' | 'segment'>;

export const matchesKey = (manifest: KeyedManifest, key: ArchiveKey): boolean =>
  manifest.segment === key.segment && manifest.source === key.source;

/** @throws WalqError `object-corrupt` */
export function assertMatchesKey(manifest: KeyedManifest, key: ArchiveKey): void {
  if (matchesKey(manifest, key)) return;
  throw new WalqError('object-corrupt', {
    message: `${keyPath(key)} says that it is segment ${manifest.segment} of source '${manifest.source}'`,
  });
}

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
