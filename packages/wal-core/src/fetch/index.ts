export { AheadDirectory } from './ahead-directory.ts';
export { fetchAhead, type AheadOptions } from './fetch-ahead.ts';
export {
  assertWalName,
  fetchFile,
  namingInArchive,
  untilHealed,
  type FetchOptions,
} from './fetch-file.ts';
export { fetchForRecovery, type RecoveryFetchOptions } from './fetch-for-recovery.ts';
