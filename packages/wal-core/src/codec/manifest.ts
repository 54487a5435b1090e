/** The manifest of an archived object, in the object's skippable frame. See docs/FORMAT.md. */
import * as v from 'valibot';
import { finiteNumber, integer, integerFrom, time, uuid } from '../base/record-fields.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { describeDamage, jsonRecord, parseJson } from '../base/json-record.ts';
import { checksumSchema } from './source-checksum.ts';

export const MANIFEST_VERSION = 1;

const format = jsonRecord({
  source: v.string(),
  sourceId: uuid,
  segment: v.string(),
  /** Length of the segment, decoded. */
  bytes: integerFrom(0),
  sourceChecksum: checksumSchema,
  level: integer,
  /** SHA-256 of the dictionary that decoding needs; null where none was used. */
  dictionary: v.nullable(v.string()),
  format: v.picklist(['raw', 'log', 'postgres']),
  /**
   * First and last sequence number, or PostgreSQL's log sequence numbers (LSN) of the first byte and of the first byte
   * after the segment, as decimal text. Null where the format has none.
   */
  firstPosition: v.nullable(v.string()),
  lastPosition: v.nullable(v.string()),
  /** When the source was last written, and when its archiving began and ended; ISO 8601. */
  sealedAt: time,
  startedAt: time,
  archivedAt: time,
  worker: v.string(),
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

const versioned = v.looseObject({ version: finiteNumber });

function assertKnownVersion(where: string, value: unknown): void {
  if (!v.is(versioned, value) || value.version <= MANIFEST_VERSION) return;
  throw new WalqError('archive-format-unknown', {
    message: `${where} has a manifest of version ${value.version}, this walq reads ${MANIFEST_VERSION}`,
  });
}

function corrupt(where: string, why: string, cause: unknown): WalqError {
  return new WalqError('object-corrupt', {
    message: `the manifest of ${where} is damaged: ${why}`,
    cause,
  });
}
