/** Segments that are set aside: the record is in the archive, the source is kept, others go on. */
import type { ArchiveStore } from '../store/store.ts';
import {
  parseRecord,
  quarantineText,
  recordNameOf,
  type QuarantineReason,
  type QuarantineRecord,
} from './record.ts';

const FOLDER = 'quarantine';
const READS_AT_ONCE = 8;

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
): Promise<readonly QuarantineRecord[]> {
  const waiting = (await store.records.list(source, FOLDER)).values();
  const found: QuarantineRecord[] = [];
  const lane = async (): Promise<void> => {
    for (const name of waiting) {
      const text = await store.records.read(source, `${FOLDER}/${name}`);
      if (text !== undefined) found.push(parseRecord(source, name, text));
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, lane));
  return found.toSorted((a, b) => (a.segment < b.segment ? -1 : 1));
}

/** Asks for one segment; a damaged record sets it aside like a whole one. */
export async function isQuarantined(
  store: ArchiveStore,
  source: string,
  segment: string,
): Promise<boolean> {
  return (await store.records.read(source, recordPathOf(segment))) !== undefined;
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

/** Lets a segment be archived again, durably; one that is not set aside is no failure. */
export function releaseFromQuarantine(
  store: ArchiveStore,
  source: string,
  segment: string,
): Promise<void> {
  return store.records.remove(source, recordPathOf(segment));
}
