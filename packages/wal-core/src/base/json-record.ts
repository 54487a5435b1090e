/**
 * The records that walq keeps: one line of JSON each, with the version first. A record of a newer version is never
 * read as one of this version. Unknown fields are ignored.
 */
import { z } from 'zod';

const VERSION = 1;

type RecordSchema<Shape extends z.ZodRawShape> = z.ZodObject<
  { readonly version: z.ZodLiteral<typeof VERSION> } & Shape,
  z.core.$loose
>;

/** One kind of record. */
export interface JsonRecord<Fields> {
  /** The content of the file. */
  text(fields: object): string;
  /** @throws SyntaxError for what is not JSON; z.ZodError for another kind of record or another version */
  parse(text: string): Fields;
  /** Undefined where the record is damaged, or has another version. */
  read(text: string): Fields | undefined;
  /** Whether a newer walq wrote it. */
  isNewer(text: string): boolean;
}

export function jsonRecord<Shape extends z.ZodRawShape>(
  shape: Shape,
): JsonRecord<z.output<RecordSchema<Shape>>> {
  const schema = z.looseObject({ version: z.literal(VERSION), ...shape }) as RecordSchema<Shape>;
  return {
    text: (fields) => `${JSON.stringify({ version: VERSION, ...fields })}\n`,
    parse: (text) => schema.parse(JSON.parse(text)),
    read: (text) => schema.safeParse(parseJson(text)).data,
    isNewer: (text) => newerSchema.safeParse(parseJson(text)).success,
  };
}

const newerSchema = z.looseObject({ version: z.number().int().gt(VERSION) });

/** Why `parse` failed, for messages. */
export const describeDamage = (error: unknown, notJson: string): string =>
  error instanceof z.ZodError ? z.prettifyError(error) : notJson;

/** Undefined for what is not JSON; no schema accepts undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
