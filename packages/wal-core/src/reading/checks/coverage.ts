import type { CheckRecord } from './check-record.ts';

const DAY_MS = 86_400_000;
/** A check that is older says little of what the disk holds now. */
export const RECENT_DAYS = 30;

/** How much of an archive was ever checked byte for byte, as far as this machine remembers. */
export interface Coverage {
  readonly objects: number;
  /** Never checked, or changed since. */
  readonly neverChecked: number;
  /** Of the last 30 days, whatever came of them. */
  readonly recentlyChecked: number;
  /** The oldest of the checks that count, ISO 8601; null where there is none. */
  readonly oldestCheckAt: string | null;
}

export function coverageOf(checks: readonly (CheckRecord | undefined)[]): Coverage {
  const recentMs = Date.now() - RECENT_DAYS * DAY_MS;
  let neverChecked = 0;
  let recentlyChecked = 0;
  let oldestMs = Infinity;
  for (const check of checks) {
    if (check === undefined) {
      neverChecked += 1;
      continue;
    }
    oldestMs = Math.min(oldestMs, check.checkedAtMs);
    if (check.checkedAtMs >= recentMs) recentlyChecked += 1;
  }
  const oldestCheckAt = oldestMs === Infinity ? null : new Date(oldestMs).toISOString();
  return { objects: checks.length, neverChecked, recentlyChecked, oldestCheckAt };
}
