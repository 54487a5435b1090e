export { sameChecksum } from './same-checksum.ts';
export type { Compressed, ManifestSeed } from './compress-segment.ts';
export type { Measured } from './checksum-source.ts';
export { fingerprintOf, sameFingerprint, type Fingerprint } from './fingerprint.ts';
export type { SegmentFormat } from './segment-format.ts';
