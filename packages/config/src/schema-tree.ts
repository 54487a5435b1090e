/** Walks the schema by key, so that problems, the environment and the list of options know each option. */
import { z } from 'zod';
import { meaningOf, type OptionMeaning } from './option.ts';
import { configurationSchema } from './schema.ts';

export interface OptionDescription extends OptionMeaning {
  /** Dotted, as in the file; `<name>` stands for the name of a source. */
  readonly key: string;
}

/** The schema at a key of `walq.toml`; undefined where there is no such key. */
export function schemaAt(path: readonly PropertyKey[]): z.ZodType | undefined {
  let schema: z.ZodType | undefined = configurationSchema;
  for (const key of path) schema = schema === undefined ? undefined : childOf(schema, key);
  return schema;
}

/** The keys that a table may have; none for what is no table, or one with free names. */
export function knownKeysAt(path: readonly PropertyKey[]): readonly string[] {
  const schema = schemaAt(path);
  const table = schema === undefined ? undefined : unwrap(schema);
  return table instanceof z.ZodObject ? Object.keys(table.shape) : [];
}

/** Every option there is, in the order of the schema. */
export const listOptions = (): readonly OptionDescription[] =>
  optionsWithin(configurationSchema, '');

function optionsWithin(schema: z.ZodType, prefix: string): OptionDescription[] {
  const table = unwrap(schema);
  if (table instanceof z.ZodRecord) return optionsWithin(valueOf(table), `${prefix}<name>.`);
  if (!(table instanceof z.ZodObject)) return [];
  return Object.entries(shapeOf(table)).flatMap(([key, child]) => {
    const about = meaningOf(child);
    if (about === undefined) return optionsWithin(child, `${prefix}${key}.`);
    return [{ key: `${prefix}${key}`, ...about }];
  });
}

function childOf(schema: z.ZodType, key: PropertyKey): z.ZodType | undefined {
  const table = unwrap(schema);
  if (table instanceof z.ZodRecord) return valueOf(table);
  if (!(table instanceof z.ZodObject)) return undefined;
  return Object.hasOwn(table.shape, key) ? shapeOf(table)[String(key)] : undefined;
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}

const shapeOf = (table: z.ZodObject): Record<string, z.ZodType> =>
  table.shape as Record<string, z.ZodType>;

const valueOf = (table: z.ZodRecord): z.ZodType => table.valueType as z.ZodType;
