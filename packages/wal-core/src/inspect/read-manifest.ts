import { decodeManifestFrame, keyPath, MANIFEST_TAIL_BYTES, parseManifest, type ArchiveKey, type ArchiveStore, type Manifest } from '../store/index.ts';

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
  return parseManifest(where, decodeManifestFrame(where, tail).json);
}
