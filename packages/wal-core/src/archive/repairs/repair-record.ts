/**
 * What a repair leaves in the archive: `<source>/_walq/repairs/<id>-began.json` before anything is changed,
 * `<id>-ended.json` when all of it was; of a replacement `<id>-aside.json` in between. None is changed or removed.
 */
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';

export const REPAIRS_FOLDER = 'repairs';

export const repairActions = ['replace', 'release', 'rearchive', 'acknowledge-gap'] as const;
export type RepairAction = (typeof repairActions)[number];

const version = z.literal(1);
const at = z.iso.datetime();

const beganSchema = z.looseObject({
  version,
  source: z.string(),
  action: z.enum(repairActions),
  /** Who: `user@host`. */
  by: z.string(),
  at,
  /** The source's UUID, or that of the PostgreSQL instance. */
  sourceId: z.string().optional(),
  segment: z.string().optional(),
  /** What was wrong, or in whose words something was explained. */
  why: z.string(),
});

const asideSchema = z.looseObject({ version, aside: z.string(), at });

const endedSchema = z.looseObject({
  version,
  by: z.string(),
  at,
  /** What came of it. */
  outcome: z.string(),
});

export type BeganRecord = z.infer<typeof beganSchema>;

const schemas = { began: beganSchema, aside: asideSchema, ended: endedSchema };
export type RecordKind = keyof typeof schemas;

export const recordText = (record: object): string =>
  `${JSON.stringify({ version: 1, ...record })}\n`;

/** Undefined for what is damaged, or of a newer walq. */
export function parseRecord<Kind extends RecordKind>(
  kind: Kind,
  text: string,
): z.infer<(typeof schemas)[Kind]> | undefined {
  try {
    return schemas[kind].parse(JSON.parse(text)) as z.infer<(typeof schemas)[Kind]>;
  } catch {
    return undefined;
  }
}

export const recordName = (id: string, kind: RecordKind): string =>
  `${REPAIRS_FOLDER}/${id}-${kind}`;

const namePattern = /^(?<id>.+)-(?<kind>began|aside|ended)$/;

export function parseRecordName(name: string): { id: string; kind: RecordKind } | undefined {
  const { id, kind } = namePattern.exec(name)?.groups ?? {};
  if (id === undefined || kind === undefined) return undefined;
  return { id, kind: kind as RecordKind };
}

/** Of a repair that any number may make at the same time. */
export const newRepairId = (): string => randomUUID();

/**
 * Of the nth replacement of a segment's object. Whoever creates its record first has it: of all who want to
 * replace the same object one does.
 */
export const replacementId = (segment: string, n: number): string =>
  `${createHash('sha256').update(segment, 'utf8').digest('hex')}-${String(n).padStart(6, '0')}`;

/** Which replacement of this segment it is; undefined for another repair's id. */
export function replacementNumber(segment: string, id: string): number | undefined {
  const n = Number(id.slice(-6));
  return Number.isInteger(n) && id === replacementId(segment, n) ? n : undefined;
}
