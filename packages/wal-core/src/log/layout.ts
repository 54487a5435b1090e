/**
 * The binary layout of walq's own log, for its writer, reader, recovery and format check. docs/FORMAT.md is the
 * specification. All numbers are little-endian.
 *
 * A segment is a header and then records. A record's checksum continues the header's, which contains a random salt, so
 * that old bytes of another segment on the medium are never taken for a record of this one.
 */
import { join } from 'node:path';
import { crc32c } from '../base/native.ts';
import { logNaming } from '../source/naming.ts';
import type { SegmentName } from '../source/segment-name.ts';

export const LOG_VERSION = 1;
export const SEGMENT_HEADER_BYTES = 32;
export const RECORD_HEADER_BYTES = 16;
/** The longest payload of one record: 64 MiB. It bounds the memory of a reader. */
export const PAYLOAD_BYTES_MAX = 64 * 1024 * 1024;
/** Keeps the number of records in a segment below 2^32. See `sequenceAfter`. */
export const SEGMENT_BYTES_LIMIT = 2 ** 32 * RECORD_HEADER_BYTES;

const magic = Buffer.from('WQLG', 'latin1');

/**
 * Flag of the first record of a commit, which one write and one fsync make durable. All earlier commits were durable
 * when it was written, so recovery can distinguish an unacknowledged commit from damage.
 */
const BEGINS_COMMIT = 0x8000_0000;
/** Flag of the mark that `close()` writes: it has no payload, and its sequence number is that of the next record. */
const MARK = 0x4000_0000;
const LENGTH_MASK = 0x3fff_ffff;

export interface SegmentHeader {
  /** The segment's number, the same as in its name. */
  readonly number: bigint;
  /** Sequence number of its first record. */
  readonly firstSequence: bigint;
  /** CRC-32C of the header, with which the checksum of every record begins. */
  readonly crc: number;
}

export interface RecordHeader {
  readonly sequence: bigint;
  readonly payloadBytes: number;
  readonly beginsCommit: boolean;
  readonly isMark: boolean;
  /** CRC-32C as written in the record. */
  readonly crc: number;
  /** CRC-32C so far: of the segment's header and of this one. */
  readonly crcOfHeader: number;
}

export function encodeSegmentHeader(
  number: bigint,
  firstSequence: bigint,
  salt: number,
): { readonly bytes: Buffer; readonly header: SegmentHeader } {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  magic.copy(bytes);
  bytes.writeUInt32LE(LOG_VERSION, 4);
  bytes.writeBigUInt64LE(number, 8);
  bytes.writeBigUInt64LE(firstSequence, 16);
  bytes.writeUInt32LE(salt, 24);
  const crc = crc32c(bytes.subarray(0, 28));
  bytes.writeUInt32LE(crc, 28);
  return { bytes, header: { number, firstSequence, crc } };
}

/** A segment's header; the version of one that this walq cannot read; undefined for other bytes. */
export function decodeSegmentHeader(
  bytes: Buffer,
): SegmentHeader | { readonly unknownVersion: number } | undefined {
  if (!bytes.subarray(0, 4).equals(magic)) return undefined;
  const crc = bytes.readUInt32LE(28);
  if (crc32c(bytes.subarray(0, 28)) !== crc) return undefined;
  const version = bytes.readUInt32LE(4);
  if (version !== LOG_VERSION) return { unknownVersion: version };
  return { number: bytes.readBigUInt64LE(8), firstSequence: bytes.readBigUInt64LE(16), crc };
}

/** A record's header; undefined where it is invalid. Its checksum is not yet checked. */
export function decodeRecordHeader(
  bytes: Buffer,
  at: number,
  segmentCrc: number,
): RecordHeader | undefined {
  const lengthAndFlags = bytes.readUInt32LE(at + 4);
  const payloadBytes = lengthAndFlags & LENGTH_MASK;
  const isMark = (lengthAndFlags & MARK) !== 0;
  if (payloadBytes > (isMark ? 0 : PAYLOAD_BYTES_MAX)) return undefined;
  return {
    sequence: bytes.readBigUInt64LE(at + 8),
    payloadBytes,
    beginsCommit: (lengthAndFlags & BEGINS_COMMIT) !== 0,
    isMark,
    crc: bytes.readUInt32LE(at),
    crcOfHeader: crc32c(bytes.subarray(at + 4, at + RECORD_HEADER_BYTES), segmentCrc),
  };
}

export const recordBytes = (payload: Uint8Array): number => RECORD_HEADER_BYTES + payload.length;

/** The bytes of one commit: all its records, in order. */
export function encodeCommit(
  payloads: readonly Uint8Array[],
  firstSequence: bigint,
  segmentCrc: number,
): Buffer {
  const bytes = Buffer.allocUnsafe(payloads.reduce((sum, each) => sum + recordBytes(each), 0));
  let at = 0;
  for (const [index, payload] of payloads.entries()) {
    const flags = index === 0 ? BEGINS_COMMIT : 0;
    bytes.set(payload, at + RECORD_HEADER_BYTES);
    at = finishRecord(bytes, at, payload.length + flags, firstSequence + BigInt(index), segmentCrc);
  }
  return bytes;
}

/** The mark of a log that was closed in order. */
export function encodeMark(nextSequence: bigint, segmentCrc: number): Buffer {
  const bytes = Buffer.allocUnsafe(RECORD_HEADER_BYTES);
  finishRecord(bytes, 0, BEGINS_COMMIT + MARK, nextSequence, segmentCrc);
  return bytes;
}

function finishRecord(
  bytes: Buffer,
  at: number,
  lengthAndFlags: number,
  sequence: bigint,
  segmentCrc: number,
): number {
  const end = at + RECORD_HEADER_BYTES + (lengthAndFlags & LENGTH_MASK);
  bytes.writeUInt32LE(lengthAndFlags, at + 4);
  bytes.writeBigUInt64LE(sequence, at + 8);
  bytes.writeUInt32LE(crc32c(bytes.subarray(at + 4, end), segmentCrc), at);
  return end;
}

/**
 * A sequence number above all of the segments up to `number`, for a log that continues after they were deleted: with
 * fewer than 2^32 records each, no sequence number is above number × 2^32.
 */
export const sequenceAfter = (number: bigint): bigint => (number << 32n) + 1n;

export const logSegment = (number: bigint): SegmentName => ({
  name: logNaming.nameOf?.(number) ?? String(number),
  number,
});

export const logSegmentPath = (directory: string, number: bigint): string =>
  join(directory, logSegment(number).name);
