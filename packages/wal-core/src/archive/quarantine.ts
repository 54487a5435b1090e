/**
 * Quarantined segments. The record is in the archive, outside Redis; the source file is kept, and other segments
 * continue.
 */
import * as v from 'valibot';
import { failureCode, nonEmptyString, time } from '../base/record-fields.ts';
import { adviceOn } from '../base/failure/advice.ts';
import type { FailureCode } from '../base/failure/catalogue.ts';
import { reasonOf } from '../base/failure/system-error.ts';
import { sha256Of } from '../base/hash.ts';
import { describeDamage, jsonRecord } from '../base/json-record.ts';
import { readRecords } from '../store/small-files.ts';
import type { ArchiveStore } from '../store/store.ts';

/** Why a segment is quarantined. */
export interface QuarantineReason {
  readonly segment: string;
  readonly code: FailureCode;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  /** ISO 8601. @default now */
  readonly quarantinedAt?: string;
  readonly worker: string;
}

/** A quarantined segment, as its record states it. */
export interface ListedRecord extends Required<QuarantineReason> {
  readonly version: 1;
  readonly source: string;
  /** Name of the record, known also where its content is damaged. */
  readonly record: string;
}

const format = jsonRecord({
  source: v.string(),
  segment: nonEmptyString,
  code: failureCode,
  message: v.string(),
  hint: v.string(),
  quarantinedAt: time,
  worker: v.string(),
});

/** Hashed, so that any segment name makes a valid file name within the folder. */
const recordNameOf = (segment: string): string => sha256Of(segment);

/**
 * Parses a record. A damaged record still quarantines its segment: it is reported with code `quarantine-malformed`
 * and
 * with the record's name in place of the segment's.
 */
function parseRecord(source: string, name: string, text: string): ListedRecord {
  try {
    const record = format.parse(text);
    if (recordNameOf(record.segment) === name && record.source === source)
      return { ...record, record: name };
    return malformed(source, name, `it is the record of '${record.segment}' of '${record.source}'`);
  } catch (error) {
    return malformed(source, name, describeDamage(error, reasonOf(error)));
  }
}

function malformed(source: string, name: string, why: string): ListedRecord {
  const code = 'quarantine-malformed';
  return {
    version: 1,
    source,
    segment: name,
    code,
    message: `unable to read the quarantine record ${source}/_walq/quarantine/${name}.json: ${why}`,
    hint: adviceOn(code, source, name),
    quarantinedAt: new Date(0).toISOString(),
    worker: '',
    record: name,
  };
}

const FOLDER = 'quarantine';

const recordPathOf = (segment: string): string => `${FOLDER}/${recordNameOf(segment)}`;

/** Quarantines a segment durably. `exists` when it is quarantined already: the first reason stays unchanged. */
export function quarantineSegment(
  store: ArchiveStore,
  source: string,
  reason: QuarantineReason,
): Promise<'created' | 'exists'> {
  const { segment, code, message, hint, worker } = reason;
  const { quarantinedAt = new Date().toISOString() } = reason;
  const text = format.text({ source, segment, code, message, hint, quarantinedAt, worker });
  return store.records.create(source, recordPathOf(segment), text);
}

/**
 * The quarantined segments of a source, by name. A damaged record is included with code `quarantine-malformed`.
 * Memory
 * grows with the quarantine; a few records are read at a time.
 */
export async function listQuarantine(
  store: ArchiveStore,
  source: string,
): Promise<readonly ListedRecord[]> {
  const records = await readRecords(store, source, FOLDER);
  const found = records.map(({ name, text }) => parseRecord(source, name, text));
  return found.toSorted((a, b) => (a.segment < b.segment ? -1 : 1));
}

/** The record of one segment, undefined when it is not quarantined. A damaged record counts. */
export async function findQuarantined(
  store: ArchiveStore,
  source: string,
  segment: string,
): Promise<ListedRecord | undefined> {
  const text = await store.records.read(source, recordPathOf(segment));
  return text === undefined ? undefined : parseRecord(source, recordNameOf(segment), text);
}

/**
 * A test whether a segment is quarantined now, for many segments. Lists the records' names and reads none of them, so
 * that damaged records count.
 */
export async function quarantineFilter(
  store: ArchiveStore,
  source: string,
): Promise<(segment: string) => boolean> {
  const names = new Set(await store.records.list(source, FOLDER));
  return names.size === 0 ? () => false : (segment) => names.has(recordNameOf(segment));
}

/**
 * The same test for records that were listed already. Names are hashed only where a damaged record does not name its
 * segment.
 */
export function quarantinedBy(records: readonly ListedRecord[]): (segment: string) => boolean {
  const isSound = ({ code }: ListedRecord): boolean => code !== 'quarantine-malformed';
  const segments = new Set(records.filter(isSound).map(({ segment }) => segment));
  const damaged = new Set(records.filter((one) => !isSound(one)).map(({ record }) => record));
  if (damaged.size === 0) return (segment) => segments.has(segment);
  return (segment) => segments.has(segment) || damaged.has(recordNameOf(segment));
}

/**
 * Releases a segment from quarantine durably, so that it is archived again. Succeeds for a segment that is not
 * quarantined. Takes the record's own name, because a damaged record does not name its segment.
 */
export function releaseFromQuarantine(
  store: ArchiveStore,
  source: string,
  { record }: Pick<ListedRecord, 'record'>,
): Promise<void> {
  return store.records.remove(source, `${FOLDER}/${record}`);
}
