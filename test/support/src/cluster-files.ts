/**
 * The files of a PostgreSQL cluster, made by hand: the format of pg_control, WAL pages and archive_status,
 * without a server. Shares no code with walq; the suites with a real server hold it to the truth.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ClusterOptions {
  readonly systemIdentifier?: bigint;
  /** A power of two from 1 MiB. */
  readonly segmentBytes?: number;
  /** Major version in PG_VERSION; 15 has the page magic 0xD110. */
  readonly version?: string;
}

const MIB = 1024 * 1024;

export class ClusterFiles {
  readonly dataDirectory: string;
  readonly systemIdentifier: bigint;
  readonly segmentBytes: number;
  readonly #version: string;

  constructor(dataDirectory: string, options: ClusterOptions = {}) {
    this.dataDirectory = dataDirectory;
    this.systemIdentifier = options.systemIdentifier ?? 7_400_000_000_000_000_001n;
    this.segmentBytes = options.segmentBytes ?? MIB;
    this.#version = options.version ?? '15';
  }

  async create(): Promise<this> {
    await mkdir(join(this.dataDirectory, 'global'), { recursive: true });
    await mkdir(join(this.dataDirectory, 'pg_wal', 'archive_status'), { recursive: true });
    await writeFile(join(this.dataDirectory, 'PG_VERSION'), `${this.#version}\n`);
    await writeFile(join(this.dataDirectory, 'global', 'pg_control'), this.control());
    return this;
  }

  walPath(name: string): string {
    return join(this.dataDirectory, 'pg_wal', name);
  }

  statusPath(name: string): string {
    return join(this.dataDirectory, 'pg_wal', 'archive_status', name);
  }

  /** Writes a WAL file and says that it is ready, as PostgreSQL does. */
  async ready(name: string, contents: Uint8Array | string = this.segment(name)): Promise<void> {
    await writeFile(this.walPath(name), contents, { mode: 0o600 });
    await writeFile(this.statusPath(`${name}.ready`), '');
  }

  /** As PostgreSQL does when `archive_command` has succeeded. */
  async done(name: string): Promise<void> {
    await rename(this.statusPath(`${name}.ready`), this.statusPath(`${name}.done`));
  }

  /** Renames a file that is done with to a later name, and overwrites it in place. */
  async recycle(name: string, later: string): Promise<void> {
    await rm(this.statusPath(`${name}.done`), { force: true });
    await rename(this.walPath(name), this.walPath(later));
    await writeFile(this.walPath(later), this.segment(later), { flag: 'r+' });
  }

  /** A segment of this cluster: a long header on its first page, then bytes that differ by name. */
  segment(name: string, text = name): Buffer {
    const bytes = Buffer.alloc(this.segmentBytes, `${text} `);
    const perId = BigInt(2 ** 32 / this.segmentBytes);
    const high = BigInt(`0x${name.slice(8, 16)}`);
    const low = BigInt(`0x${name.slice(16, 24)}`);
    bytes.fill(0, 0, 40);
    bytes.writeUInt16LE(0xd110, 0);
    bytes.writeUInt16LE(0x0002, 2);
    bytes.writeUInt32LE(Number(`0x${name.slice(0, 8)}`), 4);
    bytes.writeBigUInt64LE((high * perId + low) * BigInt(this.segmentBytes), 8);
    bytes.writeBigUInt64LE(this.systemIdentifier, 24);
    bytes.writeUInt32LE(this.segmentBytes, 32);
    bytes.writeUInt32LE(8192, 36);
    return bytes;
  }

  /** pg_control as of PostgreSQL 15: 8 KiB, of which the first 296 bytes say something. */
  control(): Buffer {
    const bytes = Buffer.alloc(8192);
    bytes.writeBigUInt64LE(this.systemIdentifier, 0);
    bytes.writeUInt32LE(1300, 8);
    bytes.writeDoubleLE(1_234_567, 216);
    bytes.writeUInt32LE(8192, 224);
    bytes.writeUInt32LE(131_072, 228);
    bytes.writeUInt32LE(8192, 232);
    bytes.writeUInt32LE(this.segmentBytes, 236);
    bytes.writeUInt32LE(crc32c(bytes.subarray(0, 288)), 288);
    return bytes;
  }
}

/** CRC-32C (Castagnoli), bit by bit. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
