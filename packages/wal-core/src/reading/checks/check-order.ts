import type { CheckRecord } from './check-record.ts';

/** How many of those that were found corrupt are looked at again before others. */
const FAULTY_FIRST_MAX = 16;

interface Known {
  readonly known: CheckRecord | undefined;
}

/**
 * The order of an incremental check: what was never checked, or has changed since, in the order given; then the
 * oldest check first. What was found corrupt is looked at again each time, behind the very first: so that a
 * budget which is too small for more still gets round.
 */
export function inCheckOrder<T extends Known>(objects: readonly T[]): T[] {
  const [first, ...others] = objects.toSorted((a, b) => ageOf(a) - ageOf(b));
  if (first === undefined) return [];
  const faulty = others.filter(({ known }) => known?.fault !== undefined);
  const early = new Set(faulty.slice(0, FAULTY_FIRST_MAX));
  return [first, ...early, ...others.filter((object) => !early.has(object))];
}

const ageOf = ({ known }: Known): number => known?.checkedAtMs ?? -1;
