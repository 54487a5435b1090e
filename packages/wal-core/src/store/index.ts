export {
  archiveKeyOf,
  fileNameOf,
  keyPath,
  OBJECT_SUFFIX,
  RECORDS_FOLDER,
  segmentOfFileName,
  type ArchiveKey,
} from './archive-key.ts';
export { claimArchive, readArchiveOwner, type ArchiveOwner } from './archive-owner.ts';
export { openDirectoryStore } from './directory-store.ts';
export { decodeName, encodeName } from './encode-name.ts';
export {
  decodeManifestFrame,
  encodeManifestFrame,
  MANIFEST_TAIL_BYTES,
  type ManifestFrame,
} from './manifest-frame.ts';
export { MANIFEST_VERSION, parseManifest, type Manifest, type SourceChecksum } from './manifest.ts';
export { openStore, type OpenStoreOptions } from './open-store.ts';
export { openStores } from './open-stores.ts';
export type { ArchiveStore, LocalObject, ObjectStat, RecordStore, Staging } from './store.ts';
export { readManifest } from './read-manifest.ts';
export { hasObject } from './has-object.ts';
