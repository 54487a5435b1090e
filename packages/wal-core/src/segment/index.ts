export { isAtSource, lengthAtSource } from './at-source.ts';
export { missingBetween } from './gaps.ts';
export { createIdentity, readIdentity, requireIdentity } from './identity.ts';
export { isKnownArchive, rememberArchive } from './known-archives.ts';
export {
  anyNumberedNaming,
  compilePattern,
  hexadecimalNaming,
  logNaming,
  namingOf,
  patternNaming,
  type NamingRule,
  type NumberBase,
  type SegmentNaming,
} from './naming.ts';
export { scanSource, segmentsOf, type Scan, type ScanOptions } from './scan.ts';
export { SealedGate, type SealedGateOptions } from './sealed-gate.ts';
export { compareSegments, type SegmentName } from './segment-name.ts';
export { segmentPath, walqDirectory, type SealedRule, type Source } from './source.ts';
export { advanceWatermark, readWatermark, watermarkPath } from './watermark.ts';
