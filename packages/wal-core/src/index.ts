/**
 * The API for engines that embed walq: a log, sources, the cleaner, listing, verifying and restoring an archive, and
 * the
 * failure catalogue. walq's own packages use `internal.ts`.
 */
export type { Disk } from './base/disk/disk.ts';
export {
  catalogue,
  isFailureCode,
  type FailureClass,
  type FailureCode,
} from './base/failure/catalogue.ts';
export { isWalqError, WalqError } from './base/failure/walq-error.ts';
export type { SegmentName } from './source/segment-name.ts';
export type { SealedRule, Source } from './source/source.ts';
export {
  directorySource,
  logSource,
  postgresSource,
  type DirectorySourceOptions,
  type LogSourceOptions,
  type PostgresSourceOptions,
} from './source/sources.ts';
export { logNaming, patternNaming, type NumberBase, type SegmentNaming } from './source/naming.ts';
export { postgresNaming } from './source/postgres-naming.ts';
export type { Log } from './log/log.ts';
export { openLog, type OpenLogOptions } from './log/open-log.ts';
export { readLog, type ReadLogOptions } from './log/read-log.ts';
export type { LogRecord } from './log/read-segment.ts';
export type { TornTail } from './log/recover-log.ts';
export { createThreadPool, type ThreadPoolOptions } from './threads/thread-pool.ts';
export type { Threads } from './threads/threads.ts';
export { openStore, type OpenStoreOptions } from './store/open-store.ts';
export {
  archiveSettings,
  type ArchiveSettings,
  type ArchiveSettingsOptions,
} from './store/s3/settings.ts';
export type { ArchiveStore } from './store/store.ts';
export type { BatchReport, Outcome, SegmentReport } from './pipeline/report.ts';
export {
  verifyArchive,
  type SourceVerification,
  type VerifyOptions,
} from './reading/verify-archive.ts';
export {
  restoreRange,
  type RestoreOptions,
  type RestoreReport,
} from './reading/restore/restore-range.ts';
export { createCleaner, type Cleaner } from './entrypoints/cleaner/cleaner.ts';
export type { CleanupOptions } from './entrypoints/cleaner/options.ts';
