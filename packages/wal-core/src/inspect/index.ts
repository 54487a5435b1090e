export type { ArchivedSegment } from './archived-segment.ts';
export { measureBacklog, type Backlog } from './backlog.ts';
export { findArchiveGaps } from './find-archive-gaps.ts';
export type { Gap } from './gap-finder.ts';
export { keysInOrder, type OrderedKey } from './in-order.ts';
export { lastArchived, type LastArchived } from './last-archived.ts';
export { listArchive, showSegment, type ListOptions } from './list-archive.ts';
export { openManifestIndex, type ManifestIndex } from './manifest-index.ts';
export { mapInOrder } from './map-in-order.ts';
export { withinRange, type SegmentRange } from './range.ts';
export {
  verifyArchive,
  type CorruptSegment,
  type SourceVerification,
  type VerifyOptions,
} from './verify-archive.ts';
