export {
  restoreRange,
  type RestoreOptions,
  type RestoreReport,
  type RestoredSegment,
} from './restore-range.ts';
