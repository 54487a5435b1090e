/**
 * What a command that PostgreSQL waits for loads: reading an archive, a third of the files of `internal.ts`, which has
 * all of this as well.
 */
export type { Disk } from './base/disk/disk.ts';
export { nodeDisk } from './base/disk/node-disk.ts';
export { readLinkedFile, readSmallFile } from './base/disk/read-small-file.ts';
export { writeFileDurably } from './base/disk/write-file-durably.ts';
export { shellWord } from './base/failure/advice.ts';
export { asWalqError, isWalqError, WalqError } from './base/failure/walq-error.ts';
export { FetchAhead } from './entrypoints/fetch/fetch-ahead.ts';
export {
  assertWalName,
  namingInArchive,
  retryWhileTransient,
} from './entrypoints/fetch/fetch-file.ts';
export { fetchForRecovery } from './entrypoints/fetch/fetch-for-recovery.ts';
export { markerText } from './pipeline/marker.ts';
export { readIdentity } from './source/identity.ts';
export { parseWalFile } from './source/postgres/wal-file.ts';
export type { Source } from './source/source.ts';
export { parseFileUrl, openStoreOf, type ArchiveAddress } from './store/open-store.ts';
export { isS3Url, parseS3Url, showS3Location } from './store/s3/s3-archive.ts';
export type { ArchiveStore } from './store/store.ts';
export { createThreadPool } from './threads/thread-pool.ts';
export type { Threads } from './threads/threads.ts';
