/** Floors as records of the archive: `<source>/_walq/floors/<name>.json`. See docs/FORMAT.md. */
import * as v from 'valibot';
import { nonEmptyString, time } from '../base/record-fields.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { sha256Of } from '../base/hash.ts';
import { jsonRecord } from '../base/json-record.ts';
import type { ArchiveStore } from '../store/store.ts';
import { covers, noFloors, raise, type Floor, type Floors } from './floor.ts';

export interface FloorRecord {
  /** Name of the record within its folder. */
  readonly name: string;
  readonly floors: Floors;
  /** When the floors were raised, milliseconds since 1970. */
  readonly atMs: number;
  /** Text of the record, as read. */
  readonly text: string;
}

const FLOORS_FOLDER = 'floors';

const walSegment = /^[0-9A-F]{24}$/;

const floorOfTimeline = v.pipe(
  v.looseObject({
    timeline: v.string(),
    segment: v.pipe(v.string(), v.regex(walSegment, 'expected a WAL segment')),
  }),
  v.check(
    ({ timeline, segment }) => segment.startsWith(timeline) && timeline.length === 8,
    'expected a segment of its timeline',
  ),
);

const floorOfNumber = v.looseObject({
  timeline: v.null(),
  segment: nonEmptyString,
  number: v.pipe(v.string(), v.regex(/^\d+$/, 'expected digits')),
});

const floorSchema = v.union([floorOfTimeline, floorOfNumber], 'expected a floor');

const format = jsonRecord({
  source: v.string(),
  floors: v.pipe(v.array(floorSchema), v.nonEmpty('expected a floor')),
  at: time,
});

/** Equal floors have the same record name, so that they are written once and the first time counts. */
const recordNameOf = (floors: Floors): string => sha256Of(JSON.stringify(plainFloors(floors)));

function recordText(
  source: string,
  floors: Floors,
  { atMs, rules, by }: { readonly atMs: number; readonly rules: string; readonly by: string },
): string {
  const at = new Date(atMs).toISOString();
  return format.text({ source, floors: plainFloors(floors), at, rules, by });
}

const plainFloors = (floors: Floors): unknown[] =>
  [...floors.values()]
    .toSorted((a, b) => (a.timeline < b.timeline ? -1 : 1))
    .map(({ timeline, segment, position }) =>
      timeline === ''
        ? { timeline: null, segment, number: String(position) }
        : { timeline, segment },
    );

/** Undefined for a record that is damaged, belongs to another source, or was written by a newer walq. */
function parseRecord(source: string, name: string, text: string): FloorRecord | undefined {
  const record = format.read(text);
  if (record === undefined || record.source !== source) return undefined;
  const floors = new Map(record.floors.map((plain) => [plain.timeline ?? '', toFloor(plain)]));
  if (recordNameOf(floors) !== name) return undefined;
  return { name, floors, atMs: Date.parse(record.at), text };
}

const toFloor = (plain: v.InferOutput<typeof floorSchema>): Floor =>
  plain.timeline === null
    ? { timeline: '', segment: plain.segment, position: BigInt(plain.number) }
    : {
        timeline: plain.timeline,
        segment: plain.segment,
        position: BigInt(`0x${plain.segment.slice(8)}`),
      };

interface FloorRecords {
  /** The oldest first. */
  readonly records: readonly FloorRecord[];
  /** Names of the records that cannot be read, within their folder. */
  readonly damaged: readonly string[];
}

/** A record is removed only after a higher one exists, which the next listing shows. */
const LISTINGS_MAX = 5;

/**
 * The floors of a source. A damaged record raises none: until `walq prune` runs and reports the record, segments
 * below
 * it count as a gap, and a source that keeps its files archives them again.
 */
export async function readFloors(store: ArchiveStore, source: string): Promise<Floors> {
  const { records } = await readFloorRecords(store, source);
  return raisedBy(records);
}

export const raisedBy = (records: readonly FloorRecord[]): Floors =>
  records.reduce((floors: Floors, record) => raise(floors, record.floors), noFloors);

/** All records that exist at one moment. There are few: see `surpassed`. */
export async function readFloorRecords(store: ArchiveStore, source: string): Promise<FloorRecords> {
  for (let listing = 1; listing <= LISTINGS_MAX; listing += 1) {
    const names = await store.records.list(source, FLOORS_FOLDER);
    const texts = await Promise.all(
      names.map((name) => store.records.read(source, `${FLOORS_FOLDER}/${name}`)),
    );
    if (!texts.includes(undefined)) return sortOut(source, names, texts);
  }
  throw new WalqError('store-unavailable', {
    message: `unable to read the prune floor of '${source}' in ${store.url}: its records change while they are read`,
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

interface Raising {
  readonly floors: Floors;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** The retention rules in words, for a person who reads the record. */
  readonly rules: string;
  readonly by: string;
}

/**
 * Raises floors durably: once this returns, no reader of the archive sees a lower floor, whatever crashes. Returns
 * the
 * record's name within its folder.
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

/** Makes existing records durable: the process that wrote them may have been killed before its fsync. */
export async function makeFloorsDurable(
  store: ArchiveStore,
  source: string,
  records: readonly FloorRecord[],
): Promise<void> {
  for (const { name, text } of records) {
    await store.records.create(source, `${FLOORS_FOLDER}/${name}`, text);
  }
}

/**
 * The records that a newer one covers, given records in order of age. Removing them lowers no floor. Two processes
 * that
 * do this at the same time never remove all records: each leaves the newest one that it knows.
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

export interface FloorsView {
  /**
   * The floors, read from the archive at most 30 seconds ago. Floors only rise, so an older answer is never wrong,
   * only incomplete.
   */
  floors(): Promise<Floors>;
}

const AGE_MS_MAX = 30_000;

export function createFloorsView(store: ArchiveStore, source: string): FloorsView {
  let known: Promise<Floors> | undefined;
  let readAtMs = -Infinity;
  return {
    floors: () => {
      if (known !== undefined && performance.now() - readAtMs < AGE_MS_MAX) return known;
      readAtMs = performance.now();
      const reading = readFloors(store, source);
      known = reading;
      // The caller gets the failure; the next call reads the archive again.
      reading.catch(() => {
        if (known === reading) known = undefined;
      });
      return reading;
    },
  };
}
