/** The manifest of an archived object, in the object's skippable frame. See docs/FORMAT.md. */
import { z } from 'zod';
import { WalqError } from '../base/failure/walq-error.ts';
import { describeDamage, jsonRecord, parseJson } from '../base/json-record.ts';
import { CHECKSUM_ALGORITHMS } from './source-checksum.ts';

export const MANIFEST_VERSION = 1;

export const checksumSchema = z.looseObject({
  algorithm: z.enum(CHECKSUM_ALGORITHMS),
  value: z.string(),
});

const format = jsonRecord({
  source: z.string(),
  sourceId: z.uuid(),
  segment: z.string(),
  /** Length of the segment, decoded. */
  bytes: z.number().int().nonnegative(),
  sourceChecksum: checksumSchema,
  level: z.number().int(),
  /** SHA-256 of the dictionary that decoding needs; null where none was used. */
  dictionary: z.string().nullable(),
  format: z.enum(['raw', 'log', 'postgres']),
  /**
   * First and last sequence number, or PostgreSQL's log sequence numbers (LSN) of the first byte and of the first byte
   * after the segment, as decimal text. Null where the format has none.
   */
  firstPosition: z.string().nullable(),
  lastPosition: z.string().nullable(),
  /** When the source was last written, and when its archiving began and ended; ISO 8601. */
  sealedAt: z.iso.datetime(),
  startedAt: z.iso.datetime(),
  archivedAt: z.iso.datetime(),
  worker: z.string(),
});

export type Manifest = ReturnType<typeof format.parse>;

/** Unknown fields are ignored; an unknown version or a malformed manifest is refused. */
export function parseManifest(where: string, text: string): Manifest {
  try {
    return format.parse(text);
  } catch (cause) {
    assertKnownVersion(where, parseJson(text));
    throw corrupt(where, describeDamage(cause, 'not JSON'), cause);
  }
}

function assertKnownVersion(where: string, value: unknown): void {
  const version = z.looseObject({ version: z.number() }).safeParse(value);
  if (!version.success || version.data.version <= MANIFEST_VERSION) return;
  throw new WalqError('archive-format-unknown', {
    message: `${where} has a manifest of version ${version.data.version}, this walq reads ${MANIFEST_VERSION}`,
  });
}

function corrupt(where: string, why: string, cause: unknown): WalqError {
  return new WalqError('object-corrupt', {
    message: `the manifest of ${where} is damaged: ${why}`,
    cause,
  });
}
