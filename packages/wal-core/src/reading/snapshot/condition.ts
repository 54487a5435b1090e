/** What is wrong with a source: the words that `walq status`, the archive page and `walq repair` all show. */
type ConditionKind = DiskConditionKind | QueueConditionKind;

/** By the disk and the archive. */
type DiskConditionKind =
  | 'unavailable'
  | 'lost'
  | 'gap'
  | 'corrupt'
  | 'quarantine'
  | 'archiver-blocked'
  | 'mismatch'
  | 'not-flushed'
  | 'archive-full'
  | 'archive-read-only'
  | 'source-full'
  | 'repair-unfinished'
  | 'late';

/** By what Redis and the roles say. */
type QueueConditionKind =
  | 'redis-unavailable'
  | 'paused'
  | 'no-worker'
  | 'no-producer'
  | 'worker-stuck'
  | 'source-stopped'
  | 'archive-failing'
  | 'segments-failing';

export interface Condition {
  readonly kind: ConditionKind;
  readonly level: 'critical' | 'unknown' | 'warning';
  /** One sentence without a full stop; it does not name the source. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
  /** The failure behind it, where there is one. */
  readonly code: string | null;
  /** ISO 8601; null where it cannot be told. */
  readonly since: string | null;
  /** How many segments it concerns; null where it concerns the source as a whole. */
  readonly segments: number | null;
  /** Conditions of several sources with the same cause have the same text here. */
  readonly cause: string;
  /** Until it ends, segments are missing in the archive, cannot get there, or cannot be written. */
  readonly isHolding: boolean;
}

/** Of one source as a whole, holding it, unless it says otherwise. */
export const newCondition = (
  one: Pick<Condition, 'kind' | 'level' | 'message' | 'hint'> & Partial<Condition>,
): Condition => ({
  code: null,
  since: null,
  segments: null,
  cause: one.message,
  isHolding: true,
  ...one,
});

const severity = { critical: 0, unknown: 1, warning: 2, ok: 3 } as const;

type ConditionLevel = keyof typeof severity;

type WithLevel = Pick<Condition, 'level'>;

export const worstFirst = (a: WithLevel, b: WithLevel): number =>
  severity[a.level] - severity[b.level];

export const worstLevel = (conditions: readonly WithLevel[]): ConditionLevel =>
  conditions.toSorted(worstFirst)[0]?.level ?? 'ok';

/** A span of time in words, as exact as one needs: `40 s`, `12 min`, `3 h`, `2 d`. */
export function showSpan(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** `1 segment`, `2,000 segments`. */
export const showCount = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
