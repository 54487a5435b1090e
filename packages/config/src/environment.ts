import { schemaAt, listOptions } from './problems.ts';
import type { Setting } from './settings.ts';
import { nearestOf } from './nearest.ts';

const PREFIX = 'WALQ_';
const NESTING = '__';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Options from variables such as `WALQ_REDIS__URL`. Empty variables are ignored. In the name of a source, an underscore
 * stands for a dash, which the name of a variable cannot contain.
 */
export function environmentSettings(environment: Environment, cwd: string): Setting[] {
  return Object.entries(environment).flatMap(([variable, text]) => {
    if (!variable.startsWith(PREFIX) || !variable.includes(NESTING) || !text) return [];
    const path = pathOf(variable);
    const origin = { label: variable, baseDirectory: cwd };
    return [{ path, value: valueOf(path, text), origin }];
  });
}

function pathOf(variable: string): string[] {
  const path = variable.slice(PREFIX.length).toLowerCase().split(NESTING);
  if (path[0] !== 'sources') return path;
  return path.map((key, index) => (index === 1 ? key.replaceAll('_', '-') : key));
}

/** The first interpretation of the text that the option accepts; else the text itself, for the error message. */
export function valueOf(path: readonly string[], text: string): unknown {
  const schema = schemaAt(path);
  const candidates = [
    text,
    truthOf(text),
    numberOf(text),
    text.split(',').map((part) => part.trim()),
  ];
  return (
    candidates.find((value) => value !== undefined && schema?.safeParse(value).success) ?? text
  );
}

const truthOf = (text: string): boolean | undefined =>
  ['true', 'false'].includes(text) ? text === 'true' : undefined;

const numberOf = (text: string): number | undefined =>
  /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;

/** Variables that walq uses and that are not options of the file. */
const OWN = [
  'WALQ_ABSENT_CODE',
  'WALQ_WAITING',
  'WALQ_BENCH_DIR',
  'WALQ_CONFIG',
  'WALQ_NODE',
  'WALQ_REDIS_SERVER',
  'WALQ_STATE',
  'WALQ_SUPERVISED',
  'WALQ_ZSTD',
];

/** Kubernetes sets these for each Service, including one named `walq`. */
const OF_A_SERVICE = /_SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?$|_PORT(_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)?$/;

export interface UnknownVariable {
  readonly variable: string;
  /** The most similar known variable; undefined if none is similar. */
  readonly nearest: string | undefined;
}

/** Without variables with two underscores: these name an option, and `loadConfig` reports the unknown ones. */
export function unknownVariables(environment: Environment): UnknownVariable[] {
  const unknown = Object.keys(environment).filter(
    (variable) =>
      /^WALQ_(?!TEST_|.*__)/.test(variable) &&
      !OWN.includes(variable) &&
      !OF_A_SERVICE.test(variable),
  );
  if (unknown.length === 0) return [];
  const known = [...OWN, ...listOptions().map(({ key }) => variableOf(key))];
  return unknown.map((variable) => ({ variable, nearest: nearestOf(variable, known) }));
}

const variableOf = (key: string): string => `WALQ_${key.replaceAll('.', '__').toUpperCase()}`;
