/**
 * The records that walq keeps: one line of JSON each, with the version first. A record of a newer version is never
 * read as one of this version. Unknown fields are ignored.
 */
import { fields, integerFrom, number, valueOf, where, type Fields, type Shape } from './shape.ts';

const VERSION = 1;
const version = where(
  number,
  `${VERSION}: this walq reads version ${VERSION}`,
  (value): value is typeof VERSION => value === VERSION,
);

type Record<Shapes> = Fields<{ readonly version: typeof version } & Shapes>;

/** One kind of record. */
export interface JsonRecord<Fields> {
  /** The content of the file. */
  text(fields: object): string;
  /** @throws SyntaxError for what is not JSON; DamagedRecord for another kind of record or another version */
  parse(text: string): Fields;
  /** Undefined where the record is damaged, or has another version. */
  read(text: string): Fields | undefined;
  /** Whether a newer walq wrote it. */
  isNewer(text: string): boolean;
}

export function jsonRecord<Shapes extends Readonly<{ [key: string]: Shape<unknown> }>>(
  shapes: Shapes,
): JsonRecord<Record<Shapes>> {
  const shape = fields({ version, ...shapes }) as unknown as Shape<Record<Shapes>>;
  return {
    text: (record) => `${JSON.stringify({ version: VERSION, ...record })}\n`,
    parse: (text) => {
      const value: unknown = JSON.parse(text);
      const problems: string[] = [];
      if (shape(value, '', problems)) return value;
      throw new DamagedRecord(problems.join('; '));
    },
    read: (text) => valueOf(shape, parseJson(text)),
    isNewer: (text) => valueOf(newer, parseJson(text)) !== undefined,
  };
}

const newer = fields({ version: integerFrom(VERSION + 1) });

class DamagedRecord extends Error {}

/** Why `parse` failed, for messages. */
export const describeDamage = (error: unknown, notJson: string): string =>
  error instanceof DamagedRecord ? error.message : notJson;

/** Undefined for what is not JSON; no shape of a record accepts undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
