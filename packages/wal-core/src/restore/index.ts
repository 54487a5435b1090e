export { decodeTo } from './decode-to.ts';
export { restoreRange, type RestoreOptions, type RestoreReport } from './restore-range.ts';
export type { RestoredSegment } from './restore-segment.ts';
export { findWanted, type Wanted, type WantedOptions } from './wanted.ts';
export type { LsnRange } from './wanted-by-lsn.ts';
