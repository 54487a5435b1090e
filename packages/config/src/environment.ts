import { schemaAt, listOptions } from './problems.ts';
import type { Setting } from './settings.ts';
import { nearestOf } from './nearest.ts';

const PREFIX = 'WALQ_';
const NESTING = '__';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Options from variables such as `WALQ_REDIS__URL`. An empty variable says nothing. In the name of a
 * source a single underscore stands for the dash that a variable's name cannot have.
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

/** The first reading of the text that the option accepts, or the text itself to be refused as it is. */
export function valueOf(path: readonly string[], text: string): unknown {
  const schema = schemaAt(path);
  const readings = [
    text,
    truthOf(text),
    numberOf(text),
    text.split(',').map((part) => part.trim()),
  ];
  return readings.find((value) => value !== undefined && schema?.safeParse(value).success) ?? text;
}

const truthOf = (text: string): boolean | undefined =>
  ['true', 'false'].includes(text) ? text === 'true' : undefined;

const numberOf = (text: string): number | undefined =>
  /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;

/** Variables that mean something to walq and are no option of the file. */
const OWN = [
  'WALQ_ABSENT_CODE',
  'WALQ_BENCH_DIR',
  'WALQ_CONFIG',
  'WALQ_NODE',
  'WALQ_REDIS_SERVER',
  'WALQ_STATE',
  'WALQ_SUPERVISED',
  'WALQ_ZSTD',
];

/** Kubernetes sets these for each Service, also for one that is called `walq`. */
const OF_A_SERVICE = /_SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?$|_PORT(_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)?$/;

export interface UnknownVariable {
  readonly variable: string;
  /** What was probably meant. */
  readonly nearest: string | undefined;
}

/** Variables with two underscores name an option, and `loadConfig` refuses unknown ones. */
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
