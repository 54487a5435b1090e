/**
 * Distinguishes a torn tail from damage. Commits are made durable one after another, so after a crash only the last
 * one can be incomplete. If a whole record that begins a commit follows a bad record, the bad record had been
 * acknowledged, so it is damaged. Later records of the same commit prove nothing, because the pages of one write reach
 * the medium in any order.
 */
import { crc32c } from '../base/native.ts';
import type { DiskFile } from '../base/disk/disk.ts';
import { decodeRecordHeader, RECORD_HEADER_BYTES, type RecordHeader } from './layout.ts';
import { readPieces } from './walk-segment.ts';

export interface BadRecord {
  readonly offset: number;
  /** The sequence number that is expected there. */
  readonly sequence: bigint;
  /** Size of the file. */
  readonly sizeBytes: number;
  /** CRC-32C of the segment's header. */
  readonly segmentCrc: number;
}

/** Offset of a whole record after the bad one that begins a commit; undefined where there is none. */
export async function findCommitAfter(file: DiskFile, bad: BadRecord): Promise<number | undefined> {
  let kept = Buffer.alloc(0);
  let start = bad.offset + 1;
  for await (const piece of readPieces(file, start, bad.sizeBytes)) {
    const window = Buffer.concat([kept, piece]);
    const found = await searchWindow(file, bad, window, start);
    if (found !== undefined) return found;
    const searched = Math.max(0, window.length - RECORD_HEADER_BYTES + 1);
    kept = window.subarray(searched);
    start += searched;
  }
  return undefined;
}

async function searchWindow(
  file: DiskFile,
  bad: BadRecord,
  window: Buffer,
  start: number,
): Promise<number | undefined> {
  for (let at = 0; at + RECORD_HEADER_BYTES <= window.length; at += 1) {
    const record = mayBegin(window, at) ? candidate(window, at, start + at, bad) : undefined;
    if (record !== undefined && (await isWhole(file, record, start + at))) return start + at;
  }
  return undefined;
}

/** Checks the flag in the length's highest byte first, because this runs for every byte. */
const mayBegin = (window: Buffer, at: number): boolean => ((window[at + 7] ?? 0) & 0x80) !== 0;

function candidate(
  window: Buffer,
  at: number,
  offset: number,
  bad: BadRecord,
): RecordHeader | undefined {
  const sequence = window.readBigUInt64LE(at + 8);
  const sequenceMax = bad.sequence + BigInt(bad.sizeBytes);
  if (sequence < bad.sequence || sequence > sequenceMax) return undefined;
  const record = decodeRecordHeader(window, at, bad.segmentCrc);
  if (record === undefined) return undefined;
  const end = offset + RECORD_HEADER_BYTES + record.payloadBytes;
  return end <= bad.sizeBytes ? record : undefined;
}

async function isWhole(file: DiskFile, record: RecordHeader, offset: number): Promise<boolean> {
  const payload = offset + RECORD_HEADER_BYTES;
  let crc = record.crcOfHeader;
  for await (const piece of readPieces(file, payload, payload + record.payloadBytes)) {
    crc = crc32c(piece, crc);
  }
  return crc === record.crc;
}
