/**
 * Reads `global/pg_control` and `PG_VERSION` of a PostgreSQL data directory.
 *
 * The layout of pg_control differs between versions (src/include/catalog/pg_control.h). The fields that walq needs are
 * at its beginning and after `floatFormat`, a constant that every version writes for this purpose. The position of the
 * checksum is found by trying each.
 */
import { crc32c } from '../../base/native.ts';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Disk } from '../../base/disk/disk.ts';
import { isMissing, reasonOf } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';

export interface Cluster {
  /** As decimal text, as `pg_controldata` prints it. */
  readonly systemIdentifier: string;
  /** Length of a WAL segment: a power of two from 1 MiB to 1 GiB. */
  readonly segmentBytes: number;
  /** Such as 15; 0 where PG_VERSION has no number. */
  readonly majorVersion: number;
}

const CONTROL_BYTES = 512;
const FLOAT_FORMAT = 1_234_567;
/** The server writes the file in place: a read may see half of a change, and a second read then does not. */
const READS_MAX = 5;
const READ_AGAIN_MS = 10;

/** @throws WalqError `source-unavailable` where it does not exist or is not a pg_control file */
export async function readCluster(disk: Disk, dataDirectory: string): Promise<Cluster> {
  const path = join(dataDirectory, 'global', 'pg_control');
  for (let reads = 1; ; reads += 1) {
    const control = parseControl(await readBytes(disk, path));
    if (typeof control !== 'string') {
      return { ...control, majorVersion: await majorVersionOf(disk, dataDirectory) };
    }
    if (reads === READS_MAX) throw unavailable(path, control);
    await sleep(READ_AGAIN_MS);
  }
}

/** The facts, or why the file cannot be used. */
function parseControl(bytes: Buffer): Omit<Cluster, 'majorVersion'> | string {
  if (bytes.length < CONTROL_BYTES) return `it has ${bytes.length} bytes`;
  const at = floatFormatAt(bytes);
  if (at === undefined) return 'it is not the pg_control of a little-endian PostgreSQL';
  if (!hasChecksum(bytes, at)) return 'its checksum is wrong';
  const segmentBytes = bytes.readUInt32LE(at + 20);
  const isPower = segmentBytes >= 2 ** 20 && segmentBytes <= 2 ** 30;
  if (!isPower || (segmentBytes & (segmentBytes - 1)) !== 0) {
    return `it declares segments of ${segmentBytes} bytes`;
  }
  return { systemIdentifier: bytes.readBigUInt64LE(0).toString(), segmentBytes };
}

/** Followed by blcksz, relseg_size, xlog_blcksz and xlog_seg_size, in every version since 8.3. */
function floatFormatAt(bytes: Buffer): number | undefined {
  for (let at = 16; at + 24 <= CONTROL_BYTES; at += 8) {
    if (bytes.readDoubleLE(at) === FLOAT_FORMAT) return at;
  }
  return undefined;
}

function hasChecksum(bytes: Buffer, from: number): boolean {
  for (let at = from + 24; at + 4 <= CONTROL_BYTES; at += 4) {
    if (crc32c(bytes.subarray(0, at)) === bytes.readUInt32LE(at)) return true;
  }
  return false;
}

async function readBytes(disk: Disk, path: string): Promise<Buffer> {
  try {
    const file = await disk.openRead(path);
    try {
      const buffer = Buffer.alloc(CONTROL_BYTES);
      return buffer.subarray(0, await file.read(buffer, 0));
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unavailable(path, isMissing(cause) ? 'it does not exist' : reasonOf(cause), cause);
  }
}

async function majorVersionOf(disk: Disk, dataDirectory: string): Promise<number> {
  const path = join(dataDirectory, 'PG_VERSION');
  const file = await disk.openRead(path).catch((cause: unknown) => {
    throw unavailable(path, reasonOf(cause), cause);
  });
  try {
    const buffer = Buffer.alloc(16);
    const text = buffer.toString('latin1', 0, await file.read(buffer, 0));
    return Number.parseInt(text, 10) || 0;
  } finally {
    await file.close();
  }
}

const unavailable = (path: string, why: string, cause?: unknown): WalqError =>
  new WalqError('source-unavailable', {
    message: `unable to read ${path}: ${why}`,
    hint: 'Check that the path is a PostgreSQL data directory. Run walq as the user that runs PostgreSQL.',
    cause,
  });
