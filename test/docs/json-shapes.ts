/** The JSON types that docs/commands.md declares, and how a printed value differs from them. */
import { blocksOf } from './blocks.ts';

interface Field {
  readonly type: string;
  readonly isOptional: boolean;
}
type Fields = ReadonlyMap<string, Field>;
/** What a block declares: fields, or a type such as `Segment[]`. */
export type Shape = Fields | string;

export interface DocumentedJson {
  /** By the heading or the option above the block, such as `walq repair --history`. */
  readonly outputs: ReadonlyMap<string, Shape>;
  readonly objects: ReadonlyMap<string, Fields>;
}

export async function documentedJson(page: string, text: string): Promise<DocumentedJson> {
  const blocks = (await blocksOf(page)).filter(({ language }) => language === 'text');
  const objects = new Map<string, Fields>();
  const outputs = new Map<string, Shape>();
  const lines = text.split('\n');
  for (const block of blocks) {
    const at = Number(block.at.split(':')[1]) - 1;
    const name = nameAbove(lines.slice(0, at));
    if (name === 'Objects') for (const one of block.text.split('\n\n')) addObject(objects, one);
    else outputs.set(name, shapeOf(block.text.trimEnd()));
  }
  return { outputs, objects };
}

function nameAbove(lines: readonly string[]): string {
  const heading = lines.findLast((line) => line.startsWith('### '))?.slice('### '.length) ?? '';
  const options = lines.slice(lines.lastIndexOf(`### ${heading}`)).findLast((line) => line !== '');
  const [option] = /(?<=^`)--[\w-]+/.exec(options ?? '') ?? [];
  const isDry = options?.startsWith('The same with `--dry-run`') === true;
  if (isDry) return `${heading} --rearchive --dry-run`;
  return option === undefined ? heading : `${heading} ${option}`;
}

function addObject(objects: Map<string, Fields>, text: string): void {
  const [name = '', ...lines] = text.trimEnd().split('\n');
  objects.set(name, fieldsOf(lines));
}

const shapeOf = (text: string): Shape =>
  text.includes(' ') ? fieldsOf(text.split('\n')) : text.trim();

function fieldsOf(lines: readonly string[]): Fields {
  const fields = new Map<string, Field>();
  for (const line of lines) {
    const { type, names } =
      /^ *(?<type>\S+)(?: +(?<names>\w+\??(?:, \w+\??)*))?/.exec(line)?.groups ?? {};
    if (type === undefined) throw new Error(`no type and field: '${line}'`);
    for (const name of names?.split(', ') ?? [type]) {
      const isOptional = name.endsWith('?');
      fields.set(isOptional ? name.slice(0, -1) : name, { type, isOptional });
    }
  }
  return fields;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** How `value` differs from what is documented, a line for each difference. */
export function differences(
  { objects }: Pick<DocumentedJson, 'objects'>,
  shape: Shape,
  value: unknown,
): readonly string[] {
  if (typeof shape !== 'string') return ofFields(shape, value, '');
  return ofType(shape, value, '');

  function ofFields(declared: Fields, found: unknown, at: string): string[] {
    if (!isObject(found)) return [`${at} is not an object`];
    const fields = expand(declared);
    const unknown = Object.keys(found).filter((key) => !fields.has(key));
    const missing = [...fields].filter(([key, { isOptional }]) => !isOptional && !(key in found));
    return [
      ...unknown.map((key) => `${at}.${key} is not documented`),
      ...missing.map(([key]) => `${at}.${key} is documented, and not printed`),
      ...[...fields].flatMap(([key, { type }]) =>
        key in found ? ofType(type, found[key], `${at}.${key}`) : [],
      ),
    ];
  }

  function expand(declared: Fields): Fields {
    const parts = [...declared].flatMap(([name, field]): (readonly [string, Field])[] =>
      name.startsWith('...') ? [...object(name.slice('...'.length))] : [[name, field]],
    );
    return new Map(parts);
  }

  function object(name: string): Fields {
    const fields = objects.get(name);
    if (fields === undefined) throw new Error(`type ${name} is not documented`);
    return fields;
  }

  function ofType(type: string, found: unknown, at: string): string[] {
    if (type.endsWith('|null')) {
      return found === null ? [] : ofType(type.slice(0, -'|null'.length), found, at);
    }
    if (type.endsWith('[]')) {
      if (!Array.isArray(found)) return [`${at} is not an array`];
      return found.flatMap((one, index) => ofType(type.slice(0, -2), one, `${at}[${index}]`));
    }
    if (type.startsWith('{')) {
      if (!isObject(found)) return [`${at} is not an object`];
      const entries = Object.entries(found);
      return entries.flatMap(([key, one]) => ofType(type.slice(1, -1), one, `${at}.${key}`));
    }
    if (type === 'object') return isObject(found) ? [] : [`${at} is not an object`];
    if (type === 'time') {
      const isTime = typeof found === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(found);
      return isTime ? [] : [`${at} is not a time: ${JSON.stringify(found)}`];
    }
    if (['string', 'number', 'boolean'].includes(type)) {
      return typeof found === type ? [] : [`${at} is not a ${type}: ${JSON.stringify(found)}`];
    }
    return ofFields(object(type), found, at);
  }
}
