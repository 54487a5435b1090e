/** Merges flags, environment and file into one tree that knows the origin of each value. */

/** Where a value was set. */
export interface Origin {
  /** For messages: the file, the variable or the flag. */
  readonly label: string;
  /** The base of relative paths. */
  readonly baseDirectory: string;
}

export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly origin: Origin;
}

export type Tree = { [key: string]: unknown };

export interface Settings {
  readonly tree: Tree;
  /** Where a key was set; for a missing key, where the nearest enclosing table was set. */
  originOf(path: readonly PropertyKey[]): Origin;
}

/** Later settings override earlier ones. */
export function mergeSettings(settings: readonly Setting[], fallback: Origin): Settings {
  const tree = emptyTree();
  for (const setting of settings) place(tree, setting);
  return { tree, originOf: (path) => nearestOrigin(settings, path) ?? fallback };
}

/** The leaves of a parsed file. An empty table is a leaf, so that it is kept. */
export function settingsOf(
  value: unknown,
  origin: Origin,
  path: readonly string[] = [],
): Setting[] {
  if (!isTable(value) || Object.keys(value).length === 0) return [{ path, value, origin }];
  return Object.entries(value).flatMap(([key, child]) => settingsOf(child, origin, [...path, key]));
}

const isTable = (value: unknown): value is Tree =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);

/** Without a prototype, so that a key such as `__proto__` is an ordinary key. */
const emptyTree = (): Tree => Object.create(null) as Tree;

function place(tree: Tree, { path, value }: Setting): void {
  let table = tree;
  for (const key of path.slice(0, -1)) {
    const next = (table[key] ??= emptyTree());
    // A value in place of a table is kept; the schema reports it.
    if (!isTable(next)) return;
    table = next;
  }
  const last = path.at(-1);
  if (last !== undefined) table[last] = isTable(value) ? emptyTree() : value;
}

function nearestOrigin(
  settings: readonly Setting[],
  path: readonly PropertyKey[],
): Origin | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const found = settings.findLast((setting) => startsWith(setting.path, path.slice(0, length)));
    if (found !== undefined) return found.origin;
  }
  return undefined;
}

const startsWith = (path: readonly string[], start: readonly PropertyKey[]): boolean =>
  start.every((key, index) => path[index] === key);
