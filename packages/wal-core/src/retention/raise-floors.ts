/** Raises floors durably, and forgets records that higher ones have made superfluous. */
import type { ArchiveStore } from '../store/store.ts';
import { covers, type Floors } from './floor.ts';
import { FLOORS_FOLDER, recordNameOf, recordText, type FloorRecord } from './floor-record.ts';

export interface Raising {
  readonly floors: Floors;
  /** Ms since 1970. */
  readonly atMs: number;
  /** The rules in words, and host and process, for whoever reads the record. */
  readonly rules: string;
  readonly by: string;
}

/** When it returns nobody who asks the archive is told a lower floor, whatever crashes. */
export async function raiseFloors(
  store: ArchiveStore,
  source: string,
  { floors, ...why }: Raising,
): Promise<void> {
  const name = `${FLOORS_FOLDER}/${recordNameOf(floors)}`;
  await store.records.create(source, name, recordText(source, floors, why));
}

/**
 * Those that a newer one covers, of records in the order of their age: removing them lowers no floor. Two who
 * look at the same time never remove all, for each leaves the newest that it knows.
 */
export const surpassed = (records: readonly FloorRecord[]): readonly FloorRecord[] =>
  records.filter((record, at) =>
    records.slice(at + 1).some((newer) => covers(newer.floors, record.floors)),
  );

export const forgetRecord = (
  store: ArchiveStore,
  source: string,
  { name }: FloorRecord,
): Promise<void> => store.records.remove(source, `${FLOORS_FOLDER}/${name}`);
