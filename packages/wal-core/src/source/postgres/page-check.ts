/**
 * Checks a PostgreSQL segment before it is stored: its length, and the long header of its first page
 * (src/include/access/xlog_internal.h). Runs in the threads that read segments.
 *
 * Later pages are not checked: a segment that ends its timeline, or that a standby filled, may hold old data of the
 * recycled file.
 */
import { WalqError } from '../../base/failure/walq-error.ts';

/** Plain data, because it is passed to a thread. */
export interface PostgresFormat {
  readonly kind: 'postgres';
  readonly systemIdentifier: string;
  readonly segmentBytes: number;
  /** Such as 15; 0 when unknown. */
  readonly majorVersion: number;
  readonly timeline: number;
  /** LSN of the segment's first byte, as decimal text. */
  readonly startLsn: string;
}

const HEADER_BYTES = 40;
const LONG_HEADER = 0x0002;
/** XLOG_PAGE_MAGIC by major version. Each version changes it; for a version not listed here the range is checked. */
const magics: Readonly<Record<number, number>> = {
  10: 0xd097,
  11: 0xd098,
  12: 0xd101,
  13: 0xd106,
  14: 0xd10d,
  15: 0xd110,
  16: 0xd113,
  17: 0xd116,
  18: 0xd118,
};
const MAGIC_MIN = 0xd097;
const MAGIC_MAX = 0xd1ff;

/** Whether a file of this length begins like a PostgreSQL segment. Checks nothing else. */
export function beginsAsWal(first: Uint8Array, bytes: number): boolean {
  if (first.length < HEADER_BYTES) return false;
  const header = Buffer.from(first.buffer, first.byteOffset, HEADER_BYTES);
  const magic = header.readUInt16LE(0);
  const isLong = (header.readUInt16LE(2) & LONG_HEADER) !== 0;
  return magic >= MAGIC_MIN && magic <= MAGIC_MAX && isLong && header.readUInt32LE(32) === bytes;
}

/** Whether a file begins like the segment of this timeline at this LSN. */
export function beginsAsSegment(
  first: Uint8Array,
  bytes: number,
  { timeline, startLsn }: { readonly timeline: number; readonly startLsn: bigint },
): boolean {
  if (!beginsAsWal(first, bytes)) return false;
  const header = Buffer.from(first.buffer, first.byteOffset, HEADER_BYTES);
  return header.readUInt32LE(4) <= timeline && header.readBigUInt64LE(8) === startLsn;
}

/** Takes a segment's bytes in order; throws `segment-malformed` at the first error. */
export class PostgresFormatCheck {
  readonly #format: PostgresFormat;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #bytes = 0;

  constructor(format: PostgresFormat) {
    this.#format = format;
  }

  update(chunk: Uint8Array): void {
    if (this.#bytes < HEADER_BYTES) {
      this.#header.set(chunk.subarray(0, HEADER_BYTES - this.#bytes), this.#bytes);
      if (this.#bytes + chunk.length >= HEADER_BYTES) this.#checkHeader();
    }
    this.#bytes += chunk.length;
  }

  /** LSN of the segment's first byte, and of the first byte after it. */
  finish(): { readonly firstPosition: string; readonly lastPosition: string } {
    const { segmentBytes, startLsn } = this.#format;
    if (this.#bytes !== segmentBytes) {
      throw malformed(`it has ${this.#bytes} bytes, segments of this cluster have ${segmentBytes}`);
    }
    return {
      firstPosition: startLsn,
      lastPosition: (BigInt(startLsn) + BigInt(segmentBytes)).toString(),
    };
  }

  #checkHeader(): void {
    const { systemIdentifier, segmentBytes, timeline, startLsn } = this.#format;
    const header = this.#header;
    assertMagic(header.readUInt16LE(0), this.#format.majorVersion);
    if ((header.readUInt16LE(2) & LONG_HEADER) === 0)
      throw malformed('its first page has no long header');
    const found = header.readBigUInt64LE(24).toString();
    if (found !== systemIdentifier) {
      throw malformed(`it belongs to system ${found}, this cluster is ${systemIdentifier}`);
    }
    const address = header.readBigUInt64LE(8);
    if (address.toString() !== startLsn) {
      throw malformed(
        `its first page has address ${show(address)}, but its name ${show(BigInt(startLsn))}`,
      );
    }
    const written = header.readUInt32LE(4);
    if (written > timeline)
      throw malformed(`it was written on timeline ${written}, but its name ${timeline}`);
    const declared = header.readUInt32LE(32);
    if (declared !== segmentBytes) throw malformed(`it declares segments of ${declared} bytes`);
  }
}

function assertMagic(magic: number, majorVersion: number): void {
  const expected = magics[majorVersion];
  const fits =
    expected === undefined ? magic >= MAGIC_MIN && magic <= MAGIC_MAX : magic === expected;
  if (fits) return;
  const found = `0x${magic.toString(16).toUpperCase().padStart(4, '0')}`;
  const version = expected === undefined ? 'PostgreSQL' : `PostgreSQL ${majorVersion}`;
  throw malformed(`its first page has magic ${found}, which is not that of ${version}`);
}

const show = (lsn: bigint): string =>
  `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffff_ffffn).toString(16).toUpperCase()}`;

const malformed = (why: string): WalqError =>
  new WalqError('segment-malformed', {
    message: `not a WAL segment of this PostgreSQL cluster: ${why}`,
  });
