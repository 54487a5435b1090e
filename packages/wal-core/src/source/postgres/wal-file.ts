/** Names of PostgreSQL's WAL files, and where in the WAL they lie (src/include/access/xlog_internal.h). */

/** What can be asked of PostgreSQL's archiver: a segment, and files that stand beside segments. */
export type WalFileKind = 'segment' | 'partial' | 'backup' | 'history';

export interface WalFile {
  readonly kind: WalFileKind;
  /** 8 hexadecimal digits. */
  readonly timeline: string;
  /** The 16 hexadecimal digits behind the timeline, as one number; 0 for a history file. */
  readonly position: bigint;
}

const pattern =
  /^(?<timeline>[0-9A-F]{8})(?:(?<position>[0-9A-F]{16})(?<beside>(?:\.[0-9a-f]{16})?\.partial|\.[0-9A-F]{8}(?:\.empty)?\.backup)?|(?:\.empty)?\.history)$/;
const SEGMENT_NAME_LENGTH = 24;
const PARTIAL = '.partial';
const EMPTY = '.empty';

/** Undefined for a name that is none of them. */
export function parseWalFile(name: string): WalFile | undefined {
  const { timeline, position, beside } = pattern.exec(name)?.groups ?? {};
  if (timeline === undefined) return undefined;
  if (position === undefined) return { kind: 'history', timeline, position: 0n };
  return { kind: kindOf(beside), timeline, position: BigInt(`0x${position}`) };
}

function kindOf(beside: string | undefined): WalFileKind {
  if (beside === undefined) return 'segment';
  return beside.endsWith(PARTIAL) ? 'partial' : 'backup';
}

/**
 * The name under which an archive keeps a `.partial` file when its own name holds other content: with the file's
 * source checksum in it. Undefined for the name of any other file, and for one that has a checksum already.
 */
export function partialWithChecksum(name: string, checksum: string): string | undefined {
  if (parseWalFile(name)?.kind !== 'partial') return undefined;
  const segment = name.slice(0, SEGMENT_NAME_LENGTH);
  return name === segment + PARTIAL ? `${segment}.${checksum}${PARTIAL}` : undefined;
}

/**
 * The name under which an archive keeps a `.history` or `.backup` file that is empty, so that its own name stays free
 * for one that says something. Undefined for the name of any other file, and for one that says so already.
 */
export function nameOfEmpty(name: string): string | undefined {
  const kind = parseWalFile(name)?.kind;
  if (kind !== 'history' && kind !== 'backup') return undefined;
  const at = name.lastIndexOf('.');
  const own = name.slice(0, at);
  return own.endsWith(EMPTY) ? undefined : own + EMPTY + name.slice(at);
}

/** The name that a file has at its source, by the one under which the archive keeps it. */
export function nameAtSource(name: string): string {
  const kind = parseWalFile(name)?.kind;
  if (kind === 'partial') return name.slice(0, SEGMENT_NAME_LENGTH) + PARTIAL;
  return kind === undefined ? name : name.replace(`${EMPTY}.`, '.');
}

/** Segments in each 4 GiB that the first 8 digits of a position count. */
const segmentsPerId = (segmentBytes: number): bigint => 0x1_0000_0000n / BigInt(segmentBytes);

/** The how-many-eth segment of its timeline a position is; undefined where it is none of this size. */
export function segmentNumber({ position }: WalFile, segmentBytes: number): bigint | undefined {
  const perId = segmentsPerId(segmentBytes);
  const low = position & 0xffff_ffffn;
  return low < perId ? (position >> 32n) * perId + low : undefined;
}

/** Where in the WAL a segment begins: its log sequence number. */
export const startLsn = (number: bigint, segmentBytes: number): bigint =>
  number * BigInt(segmentBytes);

/** Name of the segment that holds this position. */
export function segmentNameAt(timeline: string, lsn: bigint, segmentBytes: number): string {
  const number = lsn / BigInt(segmentBytes);
  const perId = segmentsPerId(segmentBytes);
  return timeline + hex8(number / perId) + hex8(number % perId);
}

const hex8 = (part: bigint): string => part.toString(16).toUpperCase().padStart(8, '0');

/** The `X/X` that PostgreSQL prints, as a number; undefined for anything else. */
export function parseLsn(text: string): bigint | undefined {
  const { high, low } =
    /^(?<high>[0-9A-Fa-f]{1,8})\/(?<low>[0-9A-Fa-f]{1,8})$/.exec(text)?.groups ?? {};
  if (high === undefined || low === undefined) return undefined;
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
