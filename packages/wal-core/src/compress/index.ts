export { fingerprintOf, sameFingerprint, type Fingerprint } from './fingerprint.ts';
export { sameChecksum } from './same-checksum.ts';
