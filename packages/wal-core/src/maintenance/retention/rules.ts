/** What is to be kept. Several rules keep whatever any of them keeps. */
import type { SegmentName } from '../../source/segment-name.ts';

export interface RetentionRules {
  /**
   * Keeps what came into the archive within so many days of 24 hours, and on its timeline all behind the
   * oldest of that. Counts from the manifest's `archivedAt`, walq's own clock: the time of the file itself
   * may be a copy's.
   */
  readonly keepDays?: number;
  /** Keeps the newest so many segments, of PostgreSQL back along the newest timeline and what it came from. */
  readonly keepSegments?: number;
  /**
   * Keeps from each of these on. Of PostgreSQL: what a base backup that begins there may need, which is all
   * from there on, and every later timeline whole.
   */
  readonly keepFrom: readonly SegmentName[];
}

/** In words, for the record of a floor. */
export function describeRules({ keepDays, keepSegments, keepFrom }: RetentionRules): string {
  return [
    ...(keepDays === undefined ? [] : [`keep ${keepDays} days`]),
    ...(keepSegments === undefined ? [] : [`keep ${keepSegments} segments`]),
    ...keepFrom.map(({ name }) => `keep from ${name}`),
  ].join(', ');
}
