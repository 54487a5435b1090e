import type { CheckRecord } from './check-record.ts';

/** How much of an archive was ever checked byte for byte, as far as this machine remembers. */
export interface Coverage {
  readonly objects: number;
  /** Never checked, or changed since. */
  readonly neverChecked: number;
  /** The oldest of the checks that count, ISO 8601; null where there is none. */
  readonly oldestCheckAt: string | null;
}

export function coverageOf(checks: readonly (CheckRecord | undefined)[]): Coverage {
  let neverChecked = 0;
  let oldestMs = Infinity;
  for (const check of checks) {
    if (check === undefined) neverChecked += 1;
    else oldestMs = Math.min(oldestMs, check.checkedAtMs);
  }
  const oldestCheckAt = oldestMs === Infinity ? null : new Date(oldestMs).toISOString();
  return { objects: checks.length, neverChecked, oldestCheckAt };
}
