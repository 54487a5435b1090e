/** Segments that are set aside: the record is in the archive, outside Redis, the source is kept, others go on. */
import { z } from 'zod';
import { adviceOn } from '../base/failure/advice.ts';
import { isFailureCode, type FailureCode } from '../base/failure/catalogue.ts';
import { reasonOf } from '../base/failure/system-error.ts';
import { sha256Of } from '../base/hash.ts';
import { describeDamage, jsonRecord } from '../base/json-record.ts';
import { readRecords } from '../store/small-files.ts';
import type { ArchiveStore } from '../store/store.ts';

/** Why a segment is set aside. */
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

/** A segment that was set aside, as its record says. */
export interface ListedRecord extends Required<QuarantineReason> {
  readonly version: 1;
  readonly source: string;
  /** Name of the record itself, which stands also where what it says is damaged. */
  readonly record: string;
}

const format = jsonRecord({
  source: z.string(),
  segment: z.string().min(1),
  code: z.string().refine(isFailureCode, 'unknown code'),
  message: z.string(),
  hint: z.string(),
  quarantinedAt: z.iso.datetime(),
  worker: z.string(),
});

/** Name of a segment's record within its folder: any segment's name fits, and none climbs out. */
const recordNameOf = (segment: string): string => sha256Of(segment);

/**
 * The record of this name. A damaged one still sets its segment aside, so it is reported as a record
 * of its own, with code `quarantine-malformed` and the record's name where the segment's should be.
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

/** Sets a segment aside, durably. The first reason stands: `exists` leaves it untouched. */
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
 * All that is set aside of a source, by the segments' names. A damaged record is among them, with code
 * `quarantine-malformed`. Memory grows with the quarantine; a few records are read at a time.
 */
export async function listQuarantine(
  store: ArchiveStore,
  source: string,
): Promise<readonly ListedRecord[]> {
  const records = await readRecords(store, source, FOLDER);
  const found = records.map(({ name, text }) => parseRecord(source, name, text));
  return found.toSorted((a, b) => (a.segment < b.segment ? -1 : 1));
}

/** Asks for one segment; a damaged record sets it aside like a whole one. Undefined when it is not set aside. */
export async function findQuarantined(
  store: ArchiveStore,
  source: string,
  segment: string,
): Promise<ListedRecord | undefined> {
  const text = await store.records.read(source, recordPathOf(segment));
  return text === undefined ? undefined : parseRecord(source, recordNameOf(segment), text);
}

/**
 * For many segments: tells of each whether it is set aside now. Reads no record, only their names;
 * damaged ones count.
 */
export async function quarantineFilter(
  store: ArchiveStore,
  source: string,
): Promise<(segment: string) => boolean> {
  const names = new Set(await store.records.list(source, FOLDER));
  return names.size === 0 ? () => false : (segment) => names.has(recordNameOf(segment));
}

/**
 * The same by records that were listed. Names are hashed only where a damaged record does not say whose it
 * is.
 */
export function quarantinedBy(records: readonly ListedRecord[]): (segment: string) => boolean {
  const isSound = ({ code }: ListedRecord): boolean => code !== 'quarantine-malformed';
  const segments = new Set(records.filter(isSound).map(({ segment }) => segment));
  const damaged = new Set(records.filter((one) => !isSound(one)).map(({ record }) => record));
  if (damaged.size === 0) return (segment) => segments.has(segment);
  return (segment) => segments.has(segment) || damaged.has(recordNameOf(segment));
}

/**
 * Lets a segment be archived again, durably; one that is not set aside is no failure. Takes the record's own
 * name, as listed: a damaged one does not say which segment it holds back.
 */
export function releaseFromQuarantine(
  store: ArchiveStore,
  source: string,
  { record }: Pick<ListedRecord, 'record'>,
): Promise<void> {
  return store.records.remove(source, `${FOLDER}/${record}`);
}
