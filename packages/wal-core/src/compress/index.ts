export { fingerprintOf, sameFingerprint, writtenAt, type Fingerprint } from './fingerprint.ts';
export { sameChecksum } from './same-checksum.ts';
