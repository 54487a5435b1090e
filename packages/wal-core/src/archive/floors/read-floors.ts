/** Which floors stand, as the archive says. */
import { WalqError } from '../../base/failure/walq-error.ts';
import type { ArchiveStore } from '../../store/store.ts';
import { noFloors, raise, type Floors } from './floor.ts';
import { FLOORS_FOLDER, parseRecord, type FloorRecord } from './floor-record.ts';

export interface FloorRecords {
  /** The oldest first. */
  readonly records: readonly FloorRecord[];
  /** Names of those that cannot be read, within their folder. */
  readonly damaged: readonly string[];
}

/** A record goes only when a higher one stands, which the next listing shows. */
const LISTINGS_MAX = 5;

/**
 * The floors of a source. A damaged record raises none: what lies below it is a gap again, and a kept source
 * archives it again, until `walq prune` is asked and tells.
 */
export async function readFloors(store: ArchiveStore, source: string): Promise<Floors> {
  const { records } = await readFloorRecords(store, source);
  return raisedBy(records);
}

export const raisedBy = (records: readonly FloorRecord[]): Floors =>
  records.reduce((floors: Floors, record) => raise(floors, record.floors), noFloors);

/** Every record that stands at one moment. They are few: see `surpassed`. */
export async function readFloorRecords(store: ArchiveStore, source: string): Promise<FloorRecords> {
  for (let listing = 1; listing <= LISTINGS_MAX; listing += 1) {
    const names = await store.records.list(source, FLOORS_FOLDER);
    const texts = await Promise.all(
      names.map((name) => store.records.read(source, `${FLOORS_FOLDER}/${name}`)),
    );
    if (!texts.includes(undefined)) return sortOut(source, names, texts);
  }
  throw new WalqError('store-unavailable', {
    message: `unable to read the prune floor of '${source}' in ${store.url}: its records come and go`,
  });
}

function sortOut(
  source: string,
  names: readonly string[],
  texts: readonly (string | undefined)[],
): FloorRecords {
  const parsed = names.map((name, at) => parseRecord(source, name, texts[at] ?? ''));
  const records = parsed.filter((record) => record !== undefined);
  return {
    records: records.toSorted((a, b) => a.atMs - b.atMs || (a.name < b.name ? -1 : 1)),
    damaged: names.filter((_, at) => parsed[at] === undefined),
  };
}
