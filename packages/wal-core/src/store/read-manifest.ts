import { withNames } from '../base/failure/advice.ts';
import { keyPath, type ArchiveKey } from './archive-key.ts';
import { decodeManifestFrame, MANIFEST_TAIL_BYTES } from '../codec/manifest-frame.ts';
import { parseManifest, type Manifest } from '../codec/manifest.ts';
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
