/** Shapes of parsed JSON: what a value must be, and its type. Small, because every thread loads it. */

/** True where the value has the shape; else what is wrong is added to `problems`, with the path of the value. */
export type Shape<T> = (value: unknown, path: string, problems: string[]) => value is T;

/** What a value of the shape is. */
export type Of<S> = S extends Shape<infer T> ? T : never;

/** What the fields of an object are. A field whose shape admits undefined may be absent. */
export type Fields<Shapes> = {
  readonly [Key in keyof Shapes as undefined extends Of<Shapes[Key]> ? never : Key]: Of<
    Shapes[Key]
  >;
} & {
  readonly [Key in keyof Shapes as undefined extends Of<Shapes[Key]> ? Key : never]?: Of<
    Shapes[Key]
  >;
};

/** A value that fits; `expected` completes the sentence "expected …". */
const like =
  <T>(expected: string, fits: (value: unknown) => boolean): Shape<T> =>
  (value, path, problems): value is T =>
    fits(value) || isProblem(expected, path, problems);

function isProblem(expected: string, path: string, problems: string[]): false {
  problems.push(`${path === '' ? '' : `${path}: `}expected ${expected}`);
  return false;
}

export const string: Shape<string> = like('a string', (value) => typeof value === 'string');
export const number: Shape<number> = like('a number', Number.isFinite);
export const integer: Shape<number> = like('an integer', Number.isSafeInteger);
export const boolean: Shape<boolean> = like('true or false', (value) => typeof value === 'boolean');

/** One of the given values. */
export const oneOf = <const Values extends readonly (string | number | null)[]>(
  ...values: Values
): Shape<Values[number]> =>
  like(values.map((value) => JSON.stringify(value)).join(' or '), (value) =>
    values.some((one) => one === value),
  );

/** A value of the shape that fits too. */
export const where =
  <T, Narrow extends T = T>(
    shape: Shape<T>,
    expected: string,
    fits: ((value: T) => value is Narrow) | ((value: T) => boolean),
  ): Shape<Narrow> =>
  (value, path, problems): value is Narrow =>
    shape(value, path, problems) && (fits(value) || isProblem(expected, path, problems));

export const nonEmptyString = where(string, 'a string that is not empty', (value) => value !== '');

/** A string that the pattern matches. */
export const matching = (pattern: RegExp, expected: string): Shape<string> =>
  where(string, expected, (value) => pattern.test(value));

export const uuid = matching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'a UUID');

/** ISO 8601, in UTC. */
export const time = where(string, 'a time such as 2026-01-31T12:00:00Z', isTime);

/** `Date.parse` takes the 30th of February for the 2nd of March. */
function isTime(value: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z$/.test(value)) return false;
  const ms = Date.parse(value);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value.slice(0, 10));
}

/** An integer of at least `least`. */
export const integerFrom = (least: number): Shape<number> =>
  where(integer, `${least} or more`, (value) => value >= least);

export const optional =
  <T>(shape: Shape<T>): Shape<T | undefined> =>
  (value, path, problems): value is T | undefined =>
    value === undefined || shape(value, path, problems);

export const nullable =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value, path, problems): value is T | null =>
    value === null || shape(value, path, problems);

const anyList: Shape<unknown[]> = like('a list', Array.isArray);

export const list =
  <T>(shape: Shape<T>): Shape<T[]> =>
  (value, path, problems): value is T[] =>
    anyList(value, path, problems) &&
    value.every((item, at) => shape(item, `${path}[${at}]`, problems));

/** A list of this length, with a shape for each place. */
export function tuple<Shapes extends readonly Shape<unknown>[]>(
  ...shapes: Shapes
): Shape<{ -readonly [At in keyof Shapes]: Of<Shapes[At]> }> {
  const listOfLength = where(
    anyList,
    `${shapes.length} items`,
    (value) => value.length === shapes.length,
  );
  return (value, path, problems): value is { -readonly [At in keyof Shapes]: Of<Shapes[At]> } =>
    listOfLength(value, path, problems) &&
    shapes.every((shape, at) => shape(value[at], `${path}[${at}]`, problems));
}

const anyObject: Shape<Record<string, unknown>> = like(
  'an object',
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

/** An object with these fields. Other fields are ignored. */
export function fields<Shapes extends Record<string, Shape<unknown>>>(
  shapes: Shapes,
): Shape<Fields<Shapes>> {
  const entries = Object.entries(shapes);
  return (value, path, problems): value is Fields<Shapes> => {
    if (!anyObject(value, path, problems)) return false;
    const before = problems.length;
    for (const [key, shape] of entries) {
      const field = Object.hasOwn(value, key) ? value[key] : undefined;
      shape(field, path === '' ? key : `${path}.${key}`, problems);
    }
    return problems.length === before;
  };
}

/** A value of one of the shapes. */
export const either =
  <Shapes extends readonly Shape<unknown>[]>(...shapes: Shapes): Shape<Of<Shapes[number]>> =>
  (value, path, problems): value is Of<Shapes[number]> => {
    const found: string[] = [];
    if (shapes.some((shape) => shape(value, path, found))) return true;
    problems.push(...found);
    return false;
  };

/** Undefined where the value does not have the shape. */
export const valueOf = <T>(shape: Shape<T>, value: unknown): T | undefined =>
  shape(value, '', []) ? value : undefined;
