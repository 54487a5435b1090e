/** Turns the issues of the schema into lines: where, which key, what was expected, what was found. */
import { z } from 'zod';
import { closest } from './nearest.ts';
import { hideSecrets } from './secret.ts';
import { meaningOf, type KeyProblem, type OptionMeaning } from './option.ts';
import type { Settings } from './settings.ts';
import { configurationSchema } from './schema.ts';

type Path = readonly PropertyKey[];

const FOUND_CHARACTERS_MAX = 80;

/** One line about a key. */
export function problemAt(settings: Settings, path: Path, words: string): string {
  return `${settings.originOf(path).label}: ${dotted(path)}: ${words}`;
}

export function describeIssue(settings: Settings, issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      problemAt(settings, [...issue.path, key], unknown(issue.path, key)),
    );
  }
  const words = keyProblemOf(issue) ?? `${mismatch(settings, issue.path)}${becauseOf(issue)}`;
  return [problemAt(settings, issue.path, words)];
}

function unknown(table: Path, key: string): string {
  const known = knownKeysAt(table);
  if (known.length === 0) return 'unknown key';
  return `unknown key; the nearest known key is ${dotted([...table, closest(key, known)])}`;
}

const keyProblemSchema = z.object({ problem: z.object({ words: z.string() }) });

function keyProblemOf(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code !== 'custom') return undefined;
  const problem: KeyProblem | undefined = keyProblemSchema.safeParse(issue.params).data?.problem;
  return problem?.words;
}

const becauseSchema = z.object({ because: z.string() });

function becauseOf(issue: z.core.$ZodIssue): string {
  const because = issue.code === 'custom' ? becauseSchema.safeParse(issue.params).data : undefined;
  return because === undefined ? '' : `: ${because.because}`;
}

function mismatch(settings: Settings, path: Path): string {
  return `expected ${expectedAt(path)}, found ${show(valueAt(settings.tree, path))}`;
}

/** For an element of a list, what is expected of the list. */
function expectedAt(path: Path): string {
  const schema = schemaAt(path);
  if (schema === undefined) return path.length === 0 ? 'a table' : expectedAt(path.slice(0, -1));
  return meaningOf(schema)?.expected ?? 'a table';
}

/** The value at a key, as written; undefined if there is none. */
export function valueAt(tree: unknown, path: Path): unknown {
  let value = tree;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && !Array.isArray(value)) return 'a table';
  const shown = JSON.stringify(value, (_key, part: unknown) => plain(part));
  return shown.length > FOUND_CHARACTERS_MAX ? `${shown.slice(0, FOUND_CHARACTERS_MAX)}…` : shown;
}

const plain = (part: unknown): unknown => {
  if (typeof part === 'string') return hideSecrets(part);
  return typeof part === 'bigint' ? String(part) : part;
};

/** As in the file: a key with special characters is quoted. */
function dotted(path: Path): string {
  return path
    .map((key) => (/^[A-Za-z0-9_-]+$/.test(String(key)) ? String(key) : JSON.stringify(key)))
    .join('.');
}

export interface OptionDescription extends OptionMeaning {
  /** Dotted, as in the file, with `<name>` for the name of a source. */
  readonly key: string;
}

/** The schema at a key of `walq.toml`; undefined if there is no such key. */
export function schemaAt(path: readonly PropertyKey[]): z.ZodType | undefined {
  let schema: z.ZodType | undefined = configurationSchema;
  for (const key of path) schema = schema === undefined ? undefined : childOf(schema, key);
  return schema;
}

/** The keys of a table; empty for an option, and for a table with arbitrary keys. */
export function knownKeysAt(path: readonly PropertyKey[]): readonly string[] {
  const schema = schemaAt(path);
  const table = schema === undefined ? undefined : unwrap(schema);
  return table instanceof z.ZodObject ? Object.keys(table.shape) : [];
}

/** All options, in the order of the schema. */
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
