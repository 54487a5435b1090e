/**
 * The records that walq keeps: one line of JSON each, with the version first. A record of a newer version is never
 * read as one of this version. Unknown fields are ignored.
 */
import * as v from 'valibot';
import { integerFrom } from './record-fields.ts';

const VERSION = 1;
const version = v.literal(VERSION, `this walq reads version ${VERSION}`);

type RecordSchema<Entries extends v.ObjectEntries> = v.LooseObjectSchema<
  { readonly version: typeof version } & Entries,
  undefined
>;

/** One kind of record. */
export interface JsonRecord<Fields> {
  /** The content of the file. */
  text(fields: object): string;
  /** @throws SyntaxError for what is not JSON; v.ValiError for another kind of record or another version */
  parse(text: string): Fields;
  /** Undefined where the record is damaged, or has another version. */
  read(text: string): Fields | undefined;
  /** Whether a newer walq wrote it. */
  isNewer(text: string): boolean;
}

export function jsonRecord<const Entries extends v.ObjectEntries>(
  entries: Entries,
): JsonRecord<v.InferOutput<RecordSchema<Entries>>> {
  const fields = v.looseObject({ version, ...entries }) as RecordSchema<Entries>;
  const schema = v.pipe(object, fields);
  return {
    text: (record) => `${JSON.stringify({ version: VERSION, ...record })}\n`,
    parse: (text) => v.parse(schema, JSON.parse(text), { message: toMessage }),
    read: (text) => outputOf(schema, parseJson(text)),
    isNewer: (text) => v.is(newer, parseJson(text)),
  };
}

/** valibot takes lists for objects. */
const object = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected an object',
);

const newer = v.looseObject({ version: integerFrom(VERSION + 1) });

/** Names no value, because a damaged record can hold anything. */
const toMessage = ({ input, expected }: v.BaseIssue<unknown>): string =>
  input === undefined ? 'missing' : `expected ${expected ?? 'another value'}`;

/** Why `parse` failed, for messages. */
export const describeDamage = (error: unknown, notJson: string): string =>
  v.isValiError(error) ? error.issues.map(describeIssue).join('; ') : notJson;

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}

/** Undefined where the value does not fit the schema. */
export function outputOf<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> | undefined {
  const result = v.safeParse(schema, value);
  return result.success ? result.output : undefined;
}

/** Undefined for what is not JSON; no schema of a record accepts undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
