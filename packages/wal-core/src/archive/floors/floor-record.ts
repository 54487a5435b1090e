/** Floors as records of the archive: `<source>/_walq/floors/<name>.json`. See docs/FORMAT.md. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Floor, Floors } from './floor.ts';

export interface FloorRecord {
  /** Of the record, within its folder. */
  readonly name: string;
  readonly floors: Floors;
  /** When they were raised, ms since 1970. */
  readonly atMs: number;
  /** What the record holds, as it was read. */
  readonly text: string;
}

export const FLOORS_FOLDER = 'floors';

const walSegment = /^[0-9A-F]{24}$/;

const floorSchema = z.union([
  z
    .looseObject({ timeline: z.string(), segment: z.string().regex(walSegment) })
    .refine(({ timeline, segment }) => segment.startsWith(timeline) && timeline.length === 8),
  z.looseObject({
    timeline: z.null(),
    segment: z.string().min(1),
    number: z.string().regex(/^\d+$/),
  }),
]);

const recordSchema = z.looseObject({
  version: z.literal(1),
  source: z.string(),
  floors: z.array(floorSchema).min(1),
  at: z.iso.datetime(),
});

/** The same floors have the same name, so that they are written once, and the first time counts. */
export const recordNameOf = (floors: Floors): string =>
  createHash('sha256')
    .update(JSON.stringify(plainFloors(floors)))
    .digest('hex');

export function recordText(
  source: string,
  floors: Floors,
  { atMs, rules, by }: { readonly atMs: number; readonly rules: string; readonly by: string },
): string {
  const at = new Date(atMs).toISOString();
  return `${JSON.stringify({ version: 1, source, floors: plainFloors(floors), at, rules, by })}\n`;
}

const plainFloors = (floors: Floors): unknown[] =>
  [...floors.values()]
    .toSorted((a, b) => (a.timeline < b.timeline ? -1 : 1))
    .map(({ timeline, segment, position }) =>
      timeline === ''
        ? { timeline: null, segment, number: String(position) }
        : { timeline, segment },
    );

/** Undefined for a record that is damaged, is of another source, or was written by a newer walq. */
export function parseRecord(source: string, name: string, text: string): FloorRecord | undefined {
  const record = recordSchema.safeParse(parseJson(text)).data;
  if (record === undefined || record.source !== source) return undefined;
  const floors = new Map(record.floors.map((plain) => [plain.timeline ?? '', toFloor(plain)]));
  if (recordNameOf(floors) !== name) return undefined;
  return { name, floors, atMs: Date.parse(record.at), text };
}

const toFloor = (plain: z.infer<typeof floorSchema>): Floor =>
  plain.timeline === null
    ? { timeline: '', segment: plain.segment, position: BigInt(String(plain['number'])) }
    : {
        timeline: plain.timeline,
        segment: plain.segment,
        position: BigInt(`0x${plain.segment.slice(8)}`),
      };

/** Undefined, which fits no schema, for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
