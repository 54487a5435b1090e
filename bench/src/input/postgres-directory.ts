/** The files of a PostgreSQL data directory, as far as walq reads them, made without a server. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from '@walq/wal-core/internal';

const SYSTEM_IDENTIFIER = 7_400_000_000_000_000_001n;
/** The least that PostgreSQL allows. */
const SEGMENT_BYTES = 1024 * 1024;
const PAGE_BYTES = 8192;

/** The segment of this number, on timeline 1. */
export const walName = (number: number): string =>
  `0000000100000000${number.toString(16).toUpperCase().padStart(8, '0')}`;

/** With segments that are ready to be archived. */
export async function makeDataDirectory(path: string, segments: readonly string[]): Promise<void> {
  const status = join(path, 'pg_wal', 'archive_status');
  await mkdir(status, { recursive: true });
  await mkdir(join(path, 'global'));
  await writeFile(join(path, 'PG_VERSION'), '15\n');
  await writeFile(join(path, 'global', 'pg_control'), control());
  for (const name of segments) {
    await writeFile(join(path, 'pg_wal', name), segmentOf(name), { mode: 0o600 });
    await writeFile(join(status, `${name}.ready`), '');
  }
}

/** A long header on its first page, then bytes that differ by name. */
function segmentOf(name: string): Buffer {
  const bytes = Buffer.alloc(SEGMENT_BYTES, `${name} `);
  bytes.fill(0, 0, 40);
  // Magic of PostgreSQL 15, flag of a long header, timeline, address, then what binds it to its cluster.
  bytes.writeUInt16LE(0xd110, 0);
  bytes.writeUInt16LE(0x0002, 2);
  bytes.writeUInt32LE(1, 4);
  bytes.writeBigUInt64LE(BigInt(`0x${name.slice(16)}`) * BigInt(SEGMENT_BYTES), 8);
  bytes.writeBigUInt64LE(SYSTEM_IDENTIFIER, 24);
  bytes.writeUInt32LE(SEGMENT_BYTES, 32);
  bytes.writeUInt32LE(PAGE_BYTES, 36);
  return bytes;
}

const CONTROL_CRC_AT = 288;

function control(): Buffer {
  const bytes = Buffer.alloc(8192);
  bytes.writeBigUInt64LE(SYSTEM_IDENTIFIER, 0);
  bytes.writeUInt32LE(1300, 8);
  bytes.writeDoubleLE(1_234_567, 216);
  bytes.writeUInt32LE(PAGE_BYTES, 224);
  bytes.writeUInt32LE(131_072, 228);
  bytes.writeUInt32LE(PAGE_BYTES, 232);
  bytes.writeUInt32LE(SEGMENT_BYTES, 236);
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, CONTROL_CRC_AT)), CONTROL_CRC_AT);
  return bytes;
}
