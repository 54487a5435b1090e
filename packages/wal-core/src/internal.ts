export * from './light.ts';
export { crc32c } from './base/native.ts';
export { decodeArchived } from './archive/decode-archived.ts';
export {
  describeDictionary,
  type Dictionaries,
  type DictionaryEvent,
} from './archive/dictionaries.ts';
export { useDictionary } from './archive/dictionary-in-use.ts';
export { raiseFloors, readFloorRecords, readFloors } from './archive/floor-records.ts';
export { isBelowFloor, notArchivedBelowFloor, type Floors } from './archive/floor.ts';
export {
  acknowledgeGap,
  listAcknowledgedGaps,
  explainGaps,
  type AcknowledgedGap,
  type KnownGap,
} from './archive/acknowledged-gaps.ts';
export {
  findQuarantined,
  listQuarantine,
  quarantineFilter,
  quarantineSegment,
  releaseFromQuarantine,
  type ListedRecord,
  type QuarantineReason,
} from './archive/quarantine.ts';
export { clearRefusal, findRefusal, recordRefusal } from './source/push-refusal.ts';
export { listRepairs, RepairLog, type Repair } from './archive/repairs.ts';
export {
  parseHistory,
  timelineName,
  Timelines,
  type TimelineHistory,
  type Branch,
} from './archive/timelines.ts';
export { TimelineReader } from './archive/read-timelines.ts';
export { backoffMs, jitteredBackoffMs, type Backoff } from './base/backoff.ts';
export { newByteLimit, takeBytes, type RateClock } from './base/byte-limit.ts';
export { isMisread, type DiskFile, type DiskSpace, type FileState } from './base/disk/disk.ts';
export { trackDisk, type TrackedDisk } from './base/disk/tracked-disk.ts';
export { discard } from './base/disk/write-file-durably.ts';
export { adviceOn, withNames } from './base/failure/advice.ts';
export { catalogue, type FailureCode } from './base/failure/catalogue.ts';
export { isStoreFailure } from './base/failure/store-failure.ts';
export {
  errnoOf,
  isMissing,
  reasonOf,
  sourceFailure,
  storeFailure,
} from './base/failure/system-error.ts';
export {
  fromFailureRecord,
  toFailureRecord,
  type FailureRecord,
} from './base/failure/walq-error.ts';
export { sha256Of } from './base/hash.ts';
export type { Lock } from './base/lock/take-lock.ts';
export { OutageState } from './base/outage-state.ts';
export { processName } from './base/process-name.ts';
export { repeat, WakeableSleep, type Repetition } from './base/repeat.ts';
export type { Dictionary, DictionarySetting } from './codec/dictionary.ts';
export { decodeManifestFrame, encodeManifestFrame } from './codec/manifest-frame.ts';
export { zstdVersion } from './codec/frame-decoder.ts';
export { windowFor } from './codec/frame-encoder.ts';
export { MANIFEST_VERSION, parseManifest, type Manifest } from './codec/manifest.ts';
export { createCleaner, type Cleaner } from './entrypoints/cleaner/cleaner.ts';
export { inParallel, tryBatch, type ArchiveDueOptions } from './pipeline/try-segments.ts';
export type { AheadOptions } from './entrypoints/fetch/fetch-ahead.ts';
export { fetchFile, type FetchOptions } from './entrypoints/fetch/fetch-file.ts';
export type { RecoveryFetchOptions } from './entrypoints/fetch/fetch-for-recovery.ts';
export {
  type AheadFailure,
  pushSegment,
  type PushReport,
} from './entrypoints/push/push-segment.ts';
export {
  HEARTBEAT_INTERVAL_MS,
  writeHeartbeat,
  type HeartbeatRole,
} from './entrypoints/push/heartbeat.ts';
export { createLogFormatCheck, type LogPositions } from './log/format-check.ts';
export { Log } from './log/log.ts';
export { openLog, type OpenLogOptions } from './log/open-log.ts';
export { readLog } from './log/read-log.ts';
export { readSegment, type LogRecord } from './log/read-segment.ts';
export {
  planPrune,
  prune,
  type PruneOptions,
  type PruneReport,
  pruneSteps,
  type PruneStep,
} from './maintenance/prune/prune.ts';
export {
  explainKnownGap,
  requireGap,
  findRepairs,
  type NeededRepairs,
  releaseSegment,
  type RepairTarget,
} from './maintenance/repair/find-repairs.ts';
export type { CheckedSegment, SegmentHealth } from './maintenance/repair/check-segments.ts';
export { Repairer, type RepairerOptions, type RepairRun } from './maintenance/repair/repairer.ts';
export { startOfBackup, type RetentionRules } from './maintenance/retention/rules.ts';
export {
  planRetention,
  type PrunePlan,
  type TimelinePlan,
  type ArchivedFile,
} from './maintenance/retention/plan.ts';
export {
  SAVED_SHARE_MIN,
  evaluateDictionaries,
  type Evaluated,
} from './maintenance/train/evaluate-dictionaries.ts';
export type { TrainingSource } from './maintenance/train/collect-samples.ts';
export {
  trainDictionary,
  type DictionaryMeasurement,
  type TrainingReport,
} from './maintenance/train/train-dictionary.ts';
export { claiming } from './pipeline/claim.ts';
export { recordKeptFile } from './pipeline/kept-file.ts';
export { markerDirectory, sweepMarkers, useMarker, writeMarker } from './pipeline/marker.ts';
export {
  archiveOne,
  createArchiver,
  type Archiver,
  type ArchiverOptions,
  type SegmentInWork,
} from './pipeline/archiver.ts';
export type { SegmentResult } from './pipeline/batch-results.ts';
export { createArchiveThreads, type ArchiveThreads } from './pipeline/archive-threads.ts';
export { batchesOf, DEFAULT_BATCH_LIMITS, type BatchLimits } from './pipeline/batches.ts';
export { extendLease, isLeaseFresh, newLease, type Lease } from './codec/thread-signals.ts';
export {
  isArchived,
  summarize,
  type BatchReport,
  logBatch,
  type Outcome,
  type SegmentReport,
  type StageTimes,
} from './pipeline/report.ts';
export { describeLevel, createLevels, type LevelEvent, type Levels } from './pipeline/levels.ts';
export { AUTO_LEVELS, FALLBACK_LEVEL, type Level, chooseLevel } from './pipeline/source-level.ts';
export { markFlushed, type MarkedSource } from './pipeline/mark-flushed.ts';
export {
  openSource,
  resolveSource,
  type OpenSource,
  type OpenSourceOptions,
  readOwnerOf,
} from './pipeline/open-source.ts';
export type { Replaced, ObjectHealth } from './pipeline/replace-object.ts';
export { steps, type BatchOptions, type Step, type StepListener } from './pipeline/segment-run.ts';
export {
  toArchivedSegment,
  type ArchivedSegment,
  openManifestIndex,
  type ManifestIndex,
} from './reading/manifest-index.ts';
export {
  mergeCheckResults,
  verifyArchive,
  type CorruptSegment,
  type SourceVerification,
  type VerifiedObject,
  type VerifyOptions,
} from './reading/verify-archive.ts';
export {
  withinBudget,
  type Clock,
  checkObjects,
  type CheckedObject,
  type CheckOptions,
  type QueuedObject,
  byCheckPriority,
} from './reading/checks/check-objects.ts';
export {
  openCheckHistory,
  type CheckHistory,
  coverageOf,
  RECENT_DAYS,
  type Coverage,
} from './reading/checks/check-history.ts';
export { type CheckRecord, type FoundObject, isUndecided } from './reading/checks/check-record.ts';
export {
  listCorruptObjects,
  recordChecks,
  type CorruptObject,
} from './reading/checks/corrupt-objects.ts';
export { createDueView, type DueView } from './reading/due-view.ts';
export { listGaps } from './reading/gap-rules.ts';
export { keysInOrder, isWithin, type SegmentRange } from './reading/keys-in-order.ts';
export { listArchive } from './reading/list-archive.ts';
export { SourceOpener, type OpenView } from './reading/source-opener.ts';
export type { Backlog, Unflushed } from './reading/snapshot/backlog.ts';
export { changeOf, type ChangedFile } from './reading/snapshot/changed-files.ts';
export {
  worstLevel,
  newCondition,
  worstFirst,
  type Condition,
  showCount,
  showSpan,
} from './reading/snapshot/condition.ts';
export { diskConditions, type KnownSource } from './reading/snapshot/disk-conditions.ts';
export { createInspector, type Inspector, type NamedRange } from './reading/snapshot/inspector.ts';
export type {
  LastArchived,
  SourceFigures,
  SourceSnapshot,
} from './reading/snapshot/source-snapshot.ts';
export { startSnapshot, type SourceObservation } from './reading/snapshot/source-observation.ts';
export { mapInOrder } from './reading/map-in-order.ts';
export { decodeTo } from './reading/restore/restore-segment.ts';
export {
  restoreRange,
  type RestoreOptions,
  type RestoreReport,
} from './reading/restore/restore-range.ts';
export {
  type LsnRange,
  planRestore,
  type RestorePlan,
  type RestorePlanOptions,
} from './reading/restore/plan-restore.ts';
export { cellsOf, gapsOf, type Span } from './reading/spans/span-list.ts';
export { GapDetector, type Missing } from './reading/spans/gap-detector.ts';
export { SpanFinder, type AtSource } from './reading/spans/span-finder.ts';
export { isAtSource, stateAtSource } from './source/at-source.ts';
export { missingBetween, compareSegments, type SegmentName } from './source/segment-name.ts';
export {
  createIdentity,
  renewIdentity,
  requireIdentity,
  requireSameIdentity,
} from './source/identity.ts';
export { isKnownArchive } from './source/known-archives.ts';
export {
  anyNumberedNaming,
  anyNumberPattern,
  compilePattern,
  logNaming,
  namingOf,
  patternNaming,
  type NumberBase,
  type SegmentNaming,
} from './source/naming.ts';
export { postgresNaming } from './source/postgres-naming.ts';
export { readCluster, type Cluster } from './source/postgres/control-file.ts';
export { parseLsn, segmentNameAt, segmentNumber, startLsn } from './source/postgres/wal-file.ts';
export { isReady } from './source/ready-file.ts';
export { namingLike, recogniseNaming } from './source/recognise-naming.ts';
export { scanSource, segmentsOf } from './source/scan.ts';
export { SealedGate } from './source/sealed-gate.ts';
export { segmentPath, statusDirectory, walqDirectory, type ReadyRule } from './source/source.ts';
export { advanceWatermark, readWatermark, watermarkPath } from './source/watermark.ts';
export {
  admitInstance,
  isAdmitted,
  listInstances,
  describeOwner,
  readArchiveOwner,
  type AdmittedInstance,
} from './store/archive-owner.ts';
export {
  archiveKeyOf,
  fileNameOf,
  keyPath,
  RECORDS_FOLDER,
  segmentOfFileName,
  newAsidePath,
  decodeName,
  encodeName,
  assertSourceName,
  compareShards,
  keyText,
  assertShardName,
  type ArchiveKey,
} from './store/archive-key.ts';
export { dictionaryStore, recordStore, type SmallFiles } from './store/small-files.ts';
export { openStore, openStores } from './store/open-store.ts';
export { hasObject, readManifest } from './store/stored-object.ts';
export { openS3Store } from './store/s3/s3-store.ts';
export {
  archiveSettings,
  S3_DEFAULTS,
  type ArchiveSettings,
  type S3Deadlines,
  type S3Settings,
} from './store/s3/settings.ts';
export {
  publishOne,
  type DictionaryStore,
  type LocalObject,
  type ObjectStat,
  type Published,
  type RecordStore,
  type Staging,
  type ShardFilter,
} from './store/store.ts';
export type { ThreadPoolOptions } from './threads/thread-pool.ts';
export { fingerprintOf, sameFingerprint } from './codec/fingerprint.ts';
export { deleteSources } from './pipeline/delete-source.ts';
export { blockingDisk } from './base/disk/blocking-disk.ts';
export type { LevelMeasurement, LevelMeasurements } from './codec/measure-levels.ts';
export { createInlineThreads } from './threads/inline-threads.ts';
export { directorySource, logSource, postgresSource } from './source/sources.ts';
