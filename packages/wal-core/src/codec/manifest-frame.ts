/**
 * The skippable frame after an object's data that contains its manifest.
 *
 * Layout, all numbers little-endian: frame magic (4 bytes), payload length (4), then the payload: JSON,
 * length of the JSON (4), its CRC-32C (4), closing magic (8). zstd's tool skips such frames (RFC 8878,
 * section 3.1.2). With the fixed end, one read of the object's tail finds the JSON.
 */
import { crc32c } from '../base/native.ts';
import * as v from 'valibot';
import { WalqError } from '../base/failure/walq-error.ts';
import { checksumSchema, type SourceChecksum } from './source-checksum.ts';

const FRAME_MAGIC = 0x184d2a57;
const CLOSING_MAGIC = 'WALQMAN1';
const FRAME_HEAD_BYTES = 8;
const FRAME_FOOT_BYTES = 16;

/** How much of an object's tail a reader fetches: far more than any manifest that walq writes. */
export const MANIFEST_TAIL_BYTES = 16 * 1024;

export function encodeManifestFrame(json: string): Buffer {
  const text = Buffer.from(json);
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + text.length + FRAME_FOOT_BYTES);
  frame.writeUInt32LE(FRAME_MAGIC, 0);
  frame.writeUInt32LE(text.length + FRAME_FOOT_BYTES, 4);
  text.copy(frame, FRAME_HEAD_BYTES);
  const foot = FRAME_HEAD_BYTES + text.length;
  frame.writeUInt32LE(text.length, foot);
  frame.writeUInt32LE(crc32c(text), foot + 4);
  frame.write(CLOSING_MAGIC, foot + 8, 'latin1');
  return frame;
}

export interface ManifestFrame {
  readonly json: string;
  /** Length of the whole frame; the bytes before it in the object are data. */
  readonly frameBytes: number;
}

/** Finds the manifest's frame in the last bytes of an object. */
export function decodeManifestFrame(where: string, tail: Uint8Array): ManifestFrame {
  const bytes = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
  const foot = bytes.length - FRAME_FOOT_BYTES;
  if (foot < FRAME_HEAD_BYTES || bytes.toString('latin1', foot + 8) !== CLOSING_MAGIC) {
    throw new WalqError('object-foreign', {
      message: `${where} does not end with a manifest of walq`,
    });
  }
  const jsonBytes = bytes.readUInt32LE(foot);
  const head = foot - jsonBytes - FRAME_HEAD_BYTES;
  if (head < 0 || !isFrameHead(bytes, head, jsonBytes)) throw damaged(where, 'its length is wrong');
  const json = bytes.subarray(head + FRAME_HEAD_BYTES, foot);
  if (crc32c(json) !== bytes.readUInt32LE(foot + 4)) throw damaged(where, 'its CRC-32C is wrong');
  return { json: json.toString('utf8'), frameBytes: bytes.length - head };
}

const isFrameHead = (bytes: Buffer, at: number, jsonBytes: number): boolean =>
  bytes.readUInt32LE(at) === FRAME_MAGIC &&
  bytes.readUInt32LE(at + 4) === jsonBytes + FRAME_FOOT_BYTES;

const damaged = (where: string, why: string): WalqError =>
  new WalqError('object-corrupt', { message: `the manifest of ${where} is damaged: ${why}` });

/** The facts of a manifest that decoding needs. */
export interface ManifestFacts {
  readonly bytes: number;
  readonly sourceChecksum: SourceChecksum;
  /** SHA-256 of the dictionary that the data needs; null where it needs none. */
  readonly dictionary: string | null;
}

export function manifestFacts(where: string, json: string): ManifestFacts {
  const { version, bytes, sourceChecksum, dictionary } = parse(where, json);
  if (version !== 1) throw unknown(where, `a manifest of version ${String(version)}`);
  if (!isLength(bytes) || !v.is(checksumSchema, sourceChecksum)) throw corrupt(where);
  if (dictionary === undefined || dictionary === null) {
    return { bytes, sourceChecksum, dictionary: null };
  }
  if (!isSha256(dictionary)) throw unknown(where, `a dictionary '${JSON.stringify(dictionary)}'`);
  return { bytes, sourceChecksum, dictionary };
}

function parse(where: string, json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (cause) {
    throw corrupt(where, cause);
  }
  throw corrupt(where);
}

const isLength = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

const isSha256 = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

const unknown = (where: string, what: string): WalqError =>
  new WalqError('archive-format-unknown', { message: `${where} needs ${what}` });

const corrupt = (where: string, cause?: unknown): WalqError =>
  new WalqError('object-corrupt', {
    message: `the manifest of ${where} has no valid length or checksum`,
    cause,
  });
