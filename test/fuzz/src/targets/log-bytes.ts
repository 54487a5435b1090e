/** Segments of walq's log as docs/FORMAT.md says, made and corrected without walq's own code. */
import { crc32c } from '@node-rs/crc32';

const HEADER_BYTES = 32;
const RECORD_BYTES = 16;
const LENGTH_MASK = 0x3fff_ffff;
const BEGINS_COMMIT = 0x8000_0000;

export function logSegment(...payloads: readonly string[]): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('WQLG', 'latin1');
  header.writeUInt32LE(1, 4);
  header.writeBigUInt64LE(7n, 8);
  header.writeBigUInt64LE(1n, 16);
  const records = payloads.map((text, index) => {
    const record = Buffer.alloc(RECORD_BYTES + text.length);
    record.writeUInt32LE(text.length + BEGINS_COMMIT, 4);
    record.writeBigUInt64LE(BigInt(index) + 1n, 8);
    record.write(text, RECORD_BYTES, 'latin1');
    return record;
  });
  return withChecksums(Buffer.concat([header, ...records]));
}

/** Sets every checksum right, so that what stands behind it is reached. */
export function withChecksums(segment: Buffer): Buffer {
  const bytes = Buffer.from(segment);
  if (bytes.length < HEADER_BYTES) return bytes;
  const ofHeader = crc32c(bytes.subarray(0, 28));
  bytes.writeUInt32LE(ofHeader, 28);
  for (let at = HEADER_BYTES; at + RECORD_BYTES <= bytes.length;) {
    const end = at + RECORD_BYTES + (bytes.readUInt32LE(at + 4) & LENGTH_MASK);
    bytes.writeUInt32LE(crc32c(bytes.subarray(at + 4, end), ofHeader), at);
    at = end;
  }
  return bytes;
}

export interface Commit {
  readonly offset: number;
  readonly sequence: bigint;
}

/** Whole records that begin a commit, wherever they stand. */
export function commitsIn(segment: Buffer): Commit[] {
  const commits: Commit[] = [];
  if (segment.length < HEADER_BYTES) return commits;
  const ofHeader = segment.readUInt32LE(28);
  for (let offset = HEADER_BYTES; offset + RECORD_BYTES <= segment.length; offset += 1) {
    const flags = segment.readUInt32LE(offset + 4);
    const end = offset + RECORD_BYTES + (flags & LENGTH_MASK);
    if ((flags & BEGINS_COMMIT) === 0 || end > segment.length) continue;
    const crc = crc32c(segment.subarray(offset + 4, end), ofHeader);
    if (crc !== segment.readUInt32LE(offset)) continue;
    commits.push({ offset, sequence: segment.readBigUInt64LE(offset + 8) });
  }
  return commits;
}
