/**
 * The layout of the archive, `<source>/<shard>/<segment>.zst`, and the names in it. The shard is a function of the
 * segment, so that a key is found without a request.
 */
import { randomUUID } from 'node:crypto';
import { isMisread } from '../base/disk/disk.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { nameOfEmpty, partialWithChecksum } from '../source/postgres/wal-file.ts';
import type { SegmentName } from '../source/segment-name.ts';

/** Name of an object in the archive; `keyPath` gives its path relative to the archive's root. */
export interface ArchiveKey {
  readonly source: string;
  readonly shard: string;
  /** The segment's own name, not encoded. */
  readonly segment: string;
}

const SHARD_SEGMENTS = 10_000n;
const SHARD_DIGITS_MIN = 8;
const FILE_NAME_BYTES_MAX = 255;
export const OBJECT_SUFFIX = '.zst';
export const RECORDS_FOLDER = '_walq';
const REPLACED_FOLDER = 'replaced';

export function archiveKeyOf(source: string, segment: SegmentName): ArchiveKey {
  assertSegmentFileName(segment.name);
  const shard = segment.timeline === undefined ? shardOf(segment.number) : walShardOf(segment.name);
  if (shard.length > FILE_NAME_BYTES_MAX) {
    throw refused(`the number of segment '${segment.name}' is too large for the archive`);
  }
  return { source, shard, segment: segment.name };
}

/**
 * The key of PostgreSQL's `.partial` file when its own key is taken by different content: it contains the file's source
 * checksum. Undefined for any other file. See decision 0084.
 */
export function keyOfOtherPartial(key: ArchiveKey, checksum: string): ArchiveKey | undefined {
  const segment = partialWithChecksum(key.segment, checksum);
  return segment === undefined ? undefined : { ...key, segment };
}

/** The key of an empty `.history` or `.backup` file of PostgreSQL; undefined for any other. See decision 0122. */
export function keyOfEmpty(key: ArchiveKey): ArchiveKey | undefined {
  const segment = nameOfEmpty(key.segment);
  return segment === undefined ? undefined : { ...key, segment };
}

/** The key of a segment's file of this length. Without a length, the key of a file that is not empty. */
export function keyOfFile(source: string, segment: SegmentName, bytes?: bigint): ArchiveKey {
  const key = archiveKeyOf(source, segment);
  const isEmptyAuxiliary = bytes === 0n && segment.isAuxiliary === true;
  return (isEmptyAuxiliary ? keyOfEmpty(key) : undefined) ?? key;
}

const shardOf = (number: bigint): string =>
  (number / SHARD_SEGMENTS).toString().padStart(SHARD_DIGITS_MIN, '0');

/** Shard of a PostgreSQL file: 16 digits, its timeline and 4 GiB range; of a history file the 8 of its timeline. */
const walShardOf = (name: string): string => name.slice(0, name.endsWith('.history') ? 8 : 16);

export const fileNameOf = (key: ArchiveKey): string => `${encodeName(key.segment)}${OBJECT_SUFFIX}`;

export const keyPath = (key: ArchiveKey): string => `${key.source}/${key.shard}/${fileNameOf(key)}`;

/** The inverse of `keyPath`; undefined for any other path. */
export function keyOfPath(path: string): ArchiveKey | undefined {
  const [source = '', shard = '', file = '', ...more] = path.split('/');
  const segment = segmentOfFileName(file);
  if (segment === undefined || more.length > 0) return undefined;
  const key = { source, shard, segment };
  return keyPath(key) === path ? key : undefined;
}

/**
 * A new name for an object that is moved aside, relative to the archive. A name that is too long with its random part
 * is cut: the record of the repair contains the full name.
 */
export function newAsidePath(key: ArchiveKey): string {
  const random = `-${randomUUID()}${OBJECT_SUFFIX}`;
  const name = encodeName(key.segment).slice(0, FILE_NAME_BYTES_MAX - random.length);
  return `${key.source}/${RECORDS_FOLDER}/${REPLACED_FOLDER}/${name}${random}`;
}

/** The segment whose object has this file name; undefined for other files. */
export function segmentOfFileName(fileName: string): string | undefined {
  if (!fileName.endsWith(OBJECT_SUFFIX) || fileName === OBJECT_SUFFIX) return undefined;
  return decodeName(fileName.slice(0, -OBJECT_SUFFIX.length));
}

function assertSegmentFileName(name: string): void {
  if (name === '') throw refused('a segment without a name cannot be archived');
  if (/\p{Surrogate}/u.test(name)) {
    throw refused(`the name of segment ${JSON.stringify(name)} is not well-formed Unicode`);
  }
  if (isMisread(name)) {
    throw refused(
      `the name of segment ${JSON.stringify(name)} is not UTF-8, so its file cannot be named in text`,
    );
  }
  const bytes = encodeName(name).length + OBJECT_SUFFIX.length;
  if (bytes <= FILE_NAME_BYTES_MAX) return;
  throw refused(
    `the name of segment '${name}' needs ${bytes} bytes in the archive; the limit is ${FILE_NAME_BYTES_MAX}`,
  );
}

const refused = (message: string): WalqError => new WalqError('segment-name-refused', { message });

const sourceName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const shardName = /^[0-9A-F]{8,255}$/;

export const isSourceName = (name: string): boolean => sourceName.test(name);

export const isShardName = (name: string): boolean => shardName.test(name);

export function assertSourceName(name: string): void {
  if (isSourceName(name)) return;
  throw new WalqError('configuration-invalid', {
    message: `'${name}' cannot be the name of a source in an archive`,
    hint: 'Name the source with at most 128 letters, digits and dashes.',
  });
}

export function assertShardName(name: string): void {
  if (isShardName(name)) return;
  throw new WalqError('configuration-invalid', {
    message: `'${name}' is not the name of a shard of an archive`,
  });
}

/** Compares shards by number: a longer name is a larger number. */
export function compareShards(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A key as text, for messages and maps: different keys have different texts. */
export const keyText = (key: ArchiveKey): string =>
  JSON.stringify([key.source, key.shard, key.segment]);

const plain = /^[A-Za-z0-9_-]$/;
/** A name that needs no encoding, as most do. */
const allPlain = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** Keeps letters, digits, `_`, `-`, and `.` except at the start; encodes all other bytes as `%XX`. */
export function encodeName(name: string): string {
  if (allPlain.test(name)) return name;
  let encoded = '';
  for (const [index, byte] of Buffer.from(name, 'utf8').entries()) {
    const character = String.fromCharCode(byte);
    const stays = plain.test(character) || (character === '.' && index > 0);
    encoded += stays ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The inverse of `encodeName`; undefined for a text that it never gives. */
export function decodeName(encoded: string): string | undefined {
  if (allPlain.test(encoded)) return encoded;
  const bytes: number[] = [];
  for (let at = 0; at < encoded.length; at += 1) {
    if (encoded[at] === '%') {
      bytes.push(Number.parseInt(encoded.slice(at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(encoded.charCodeAt(at));
  }
  const name = Buffer.from(bytes).toString('utf8');
  return encodeName(name) === encoded ? name : undefined;
}
