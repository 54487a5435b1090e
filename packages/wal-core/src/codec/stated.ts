/** The facts of a manifest that decoding needs, read without the schema: threads stay light. */
import { WalqError } from '../base/failure/walq-error.ts';
import type { SourceChecksum } from './manifest.ts';

export interface Stated {
  readonly bytes: number;
  readonly sourceChecksum: SourceChecksum;
  /** SHA-256 of the dictionary that the data needs; null where it needs none. */
  readonly dictionary: string | null;
}

export function stated(where: string, json: string): Stated {
  const { version, bytes, sourceChecksum, dictionary } = parse(where, json);
  if (version !== 1) throw unknown(where, `a manifest of version ${String(version)}`);
  if (!isLength(bytes) || !isChecksum(sourceChecksum)) throw corrupt(where);
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

const isChecksum = (value: unknown): value is SourceChecksum =>
  typeof value === 'object' &&
  value !== null &&
  'algorithm' in value &&
  value.algorithm === 'xxh3-64' &&
  'value' in value &&
  typeof value.value === 'string';

const unknown = (where: string, what: string): WalqError =>
  new WalqError('archive-format-unknown', { message: `${where} needs ${what}` });

const corrupt = (where: string, cause?: unknown): WalqError =>
  new WalqError('object-corrupt', {
    message: `the manifest of ${where} states no length or checksum`,
    cause,
  });
