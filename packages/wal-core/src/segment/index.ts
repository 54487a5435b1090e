export { isAtSource, stateAtSource } from './at-source.ts';
export { missingBetween, positionOf } from './gaps.ts';
export {
  createIdentity,
  readIdentity,
  renewIdentity,
  requireIdentity,
  settleIdentity,
} from './identity.ts';
export { isKnownArchive, rememberArchive } from './known-archives.ts';
export {
  anyNumberedNaming,
  anyNumberPattern,
  compilePattern,
  logNaming,
  namingOf,
  patternNaming,
  type NamingRule,
  type NumberBase,
  type SegmentNaming,
} from './naming.ts';
export {
  filesAmong,
  namingLike,
  recogniseNaming,
  type RecognisedNaming,
} from './recognise-naming.ts';
export { isReady } from './ready-file.ts';
export { scanSource, segmentsOf, type Scan, type ScanOptions } from './scan.ts';
export { SealedGate, type SealedGateOptions } from './sealed-gate.ts';
export { compareSegments, type SegmentName } from './segment-name.ts';
export { postgresNaming } from './postgres-naming.ts';
export {
  segmentPath,
  statusDirectory,
  walqDirectory,
  type ReadyRule,
  type SealedRule,
  type Source,
} from './source.ts';
export { advanceWatermark, readWatermark, watermarkPath } from './watermark.ts';
