export { explainKnownGap, requireGap, type GapExplanation } from './explain-known-gap.ts';
export { lookForRepairs, type RepairOutlook } from './look-for-repairs.ts';
export type { JudgedSegment, SegmentVerdict } from './judge-segments.ts';
export { releaseSegment, type RepairPlace } from './release.ts';
export { Repairer, type RepairerOptions, type RepairRun } from './repairer.ts';
export { isUnfinished, listRepairs, RepairLog, type Repair } from './repair-log.ts';
