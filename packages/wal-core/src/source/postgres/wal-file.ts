/** Names of PostgreSQL's WAL files, and their positions in the WAL (src/include/access/xlog_internal.h). */

/** The files that PostgreSQL archives: segments, and auxiliary files. */
export type WalFileKind = 'segment' | 'partial' | 'backup' | 'history';

export interface WalFile {
  readonly kind: WalFileKind;
  /** 8 hexadecimal digits. */
  readonly timeline: string;
  /** The 16 hexadecimal digits after the timeline, as one number; 0 for a history file. */
  readonly position: bigint;
}

const pattern =
  /^(?<timeline>[0-9A-F]{8})(?:(?<position>[0-9A-F]{16})(?<suffix>(?:\.[0-9a-f]{16})?\.partial|\.[0-9A-F]{8}(?:\.empty)?\.backup)?|(?:\.empty)?\.history)$/;
const SEGMENT_NAME_LENGTH = 24;
const PARTIAL = '.partial';
const EMPTY = '.empty';

/** Undefined for any other name. */
export function parseWalFile(name: string): WalFile | undefined {
  const { timeline, position, suffix } = pattern.exec(name)?.groups ?? {};
  if (timeline === undefined) return undefined;
  if (position === undefined) return { kind: 'history', timeline, position: 0n };
  return { kind: kindOf(suffix), timeline, position: BigInt(`0x${position}`) };
}

function kindOf(suffix: string | undefined): WalFileKind {
  if (suffix === undefined) return 'segment';
  return suffix.endsWith(PARTIAL) ? 'partial' : 'backup';
}

/**
 * The name under which an archive keeps a `.partial` file whose own name is taken by different content: it contains
 * the file's source checksum. Undefined for any other file, and for a name that has a checksum already.
 */
export function partialWithChecksum(name: string, checksum: string): string | undefined {
  if (parseWalFile(name)?.kind !== 'partial') return undefined;
  const segment = name.slice(0, SEGMENT_NAME_LENGTH);
  return name === segment + PARTIAL ? `${segment}.${checksum}${PARTIAL}` : undefined;
}

/**
 * The name under which an archive keeps an empty `.history` or `.backup` file, so that its own name stays free for the
 * complete file. Undefined for any other file, and for a name that has `.empty` already.
 */
export function nameOfEmpty(name: string): string | undefined {
  const kind = parseWalFile(name)?.kind;
  if (kind !== 'history' && kind !== 'backup') return undefined;
  const at = name.lastIndexOf('.');
  const own = name.slice(0, at);
  return own.endsWith(EMPTY) ? undefined : own + EMPTY + name.slice(at);
}

/** The name of a file at its source, from its name in the archive. */
export function nameAtSource(name: string): string {
  const kind = parseWalFile(name)?.kind;
  if (kind === 'partial') return name.slice(0, SEGMENT_NAME_LENGTH) + PARTIAL;
  return kind === undefined ? name : name.replace(`${EMPTY}.`, '.');
}

/** Segments in each 4 GiB that the first 8 digits of a position count. */
const segmentsPerId = (segmentBytes: number): bigint => 0x1_0000_0000n / BigInt(segmentBytes);

/** The number of the segment at a position within its timeline; undefined where no segment of this size is there. */
export function segmentNumber({ position }: WalFile, segmentBytes: number): bigint | undefined {
  const perId = segmentsPerId(segmentBytes);
  const low = position & 0xffff_ffffn;
  return low < perId ? (position >> 32n) * perId + low : undefined;
}

/** The log sequence number (LSN) at which a segment begins. */
export const startLsn = (number: bigint, segmentBytes: number): bigint =>
  number * BigInt(segmentBytes);

/** Name of the segment that contains this LSN. */
export function segmentNameAt(timeline: string, lsn: bigint, segmentBytes: number): string {
  const number = lsn / BigInt(segmentBytes);
  const perId = segmentsPerId(segmentBytes);
  return timeline + hex8(number / perId) + hex8(number % perId);
}

const hex8 = (part: bigint): string => part.toString(16).toUpperCase().padStart(8, '0');

/** An LSN as PostgreSQL prints it (`X/X`), as a number; undefined for any other text. */
export function parseLsn(text: string): bigint | undefined {
  const { high, low } =
    /^(?<high>[0-9A-Fa-f]{1,8})\/(?<low>[0-9A-Fa-f]{1,8})$/.exec(text)?.groups ?? {};
  if (high === undefined || low === undefined) return undefined;
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
