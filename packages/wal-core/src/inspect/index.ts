export { toArchivedSegment, type ArchivedSegment } from './archived-segment.ts';
export { isUndecided, refuseOtherShard, toFault } from './fault.ts';
export { readGapRules, type GapPlace, type GapRules } from './gap-rules.ts';
export { keysInOrder, type OrderedKey } from './in-order.ts';
export { listGaps, type GapOptions } from './list-gaps.ts';
export { listArchive, showSegment, type ListOptions } from './list-archive.ts';
export { openManifestIndex, type ManifestIndex } from './manifest-index.ts';
export { mapInOrder } from './map-in-order.ts';
export { aboveFloors, isWithin, withinRange, type SegmentRange } from './range.ts';
export {
  verifyArchive,
  type CorruptSegment,
  type SourceVerification,
  type VerifiedObject,
  type VerifyOptions,
} from './verify-archive.ts';
