/** Segments that are set aside: the record is in the archive, the source is kept, others go on. */
import { readRecords } from '../../store/read-records.ts';
import type { ArchiveStore } from '../../store/store.ts';
import {
  parseRecord,
  quarantineText,
  recordNameOf,
  type ListedRecord,
  type QuarantineReason,
} from './record.ts';

const FOLDER = 'quarantine';

const recordPathOf = (segment: string): string => `${FOLDER}/${recordNameOf(segment)}`;

/** Sets a segment aside, durably. The first reason stands: `exists` leaves it untouched. */
export function quarantineSegment(
  store: ArchiveStore,
  source: string,
  reason: QuarantineReason,
): Promise<'created' | 'exists'> {
  return store.records.create(source, recordPathOf(reason.segment), quarantineText(source, reason));
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
export function setAsideBy(records: readonly ListedRecord[]): (segment: string) => boolean {
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
