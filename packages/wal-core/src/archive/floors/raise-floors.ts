/** Raises floors durably, and forgets records that higher ones have made superfluous. */
import type { ArchiveStore } from '../../store/store.ts';
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

/**
 * When it returns nobody who asks the archive is told a lower floor, whatever crashes. Gives the record's name
 * within its folder.
 */
export async function raiseFloors(
  store: ArchiveStore,
  source: string,
  { floors, ...why }: Raising,
): Promise<string> {
  const name = recordNameOf(floors);
  const text = recordText(source, floors, why);
  await store.records.create(source, `${FLOORS_FOLDER}/${name}`, text);
  return name;
}

/** Makes floors durable that were found: whoever raised them may have been killed before they were. */
export async function settleFloors(
  store: ArchiveStore,
  source: string,
  records: readonly FloorRecord[],
): Promise<void> {
  for (const { name, text } of records) {
    await store.records.create(source, `${FLOORS_FOLDER}/${name}`, text);
  }
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
