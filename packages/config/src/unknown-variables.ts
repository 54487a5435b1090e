/** Variables of the environment that look like walq's and mean nothing to it: a typing error would be silent. */
import { closest, distance } from 'fastest-levenshtein';
import type { Environment } from './environment.ts';
import { listOptions } from './schema-tree.ts';

/** Those that are no option of the file. */
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

const DISTANCE_MAX = 4;

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

function nearestOf(variable: string, known: readonly string[]): string | undefined {
  const nearest = closest(variable, known);
  return distance(variable, nearest) <= DISTANCE_MAX ? nearest : undefined;
}
