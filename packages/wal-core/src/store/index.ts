export {
  archiveKeyOf,
  keyOfEmpty,
  keyOfFile,
  keyOfOtherPartial,
  fileNameOf,
  keyOfPath,
  keyPath,
  OBJECT_SUFFIX,
  RECORDS_FOLDER,
  segmentOfFileName,
  type ArchiveKey,
} from './archive-key.ts';
export {
  admitInstance,
  isAdmitted,
  listInstanceIds,
  listInstances,
  type AdmittedInstance,
} from './admitted-instances.ts';
export {
  claimArchive,
  describeOwner,
  readArchiveOwner,
  type ArchiveOwner,
} from './archive-owner.ts';
export { openDirectoryStore } from './directory-store.ts';
export { decodeName, encodeName } from './encode-name.ts';
export {
  decodeManifestFrame,
  encodeManifestFrame,
  MANIFEST_TAIL_BYTES,
  type ManifestFrame,
} from './manifest-frame.ts';
export {
  checksumSchema,
  MANIFEST_VERSION,
  parseManifest,
  type Manifest,
  type SourceChecksum,
} from './manifest.ts';
export { openStore, type OpenStoreOptions } from './open-store.ts';
export { openStoreOf, openStores, type ArchivedAt } from './open-stores.ts';
export { openS3Store, type S3StoreOptions } from './s3-store.ts';
export { MissingArchive } from './directory/missing-archive.ts';
export { parseFileUrl } from './file-url.ts';
export { isS3Url, parseS3Url, showS3Place } from './s3/s3-url.ts';
export {
  archiveSettings,
  S3_DEFAULTS,
  type ArchiveSettings,
  type ArchiveSettingsOptions,
  type S3Deadlines,
  type S3Settings,
} from './s3/settings.ts';
export type {
  ArchiveStore,
  CopiedStagings,
  DictionaryStore,
  LocalObject,
  ObjectStat,
  RecordStore,
  Staging,
} from './store.ts';
export { DICTIONARY_BYTES_MAX, sha256Of } from './dictionary-name.ts';
export { readRecords } from './read-records.ts';
export { readManifest } from './read-manifest.ts';
export { assertNamesKey, namesKey } from './names-key.ts';
export { hasObject } from './has-object.ts';
