/** What is wrong with a source: the messages that `walq status`, the archive page and `walq repair` show. */
type ConditionKind = DiskConditionKind | QueueConditionKind;

/** Found on the disk and in the archive. */
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

/** Found through Redis and the roles. */
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
  /** One sentence without a full stop. It does not name the source. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
  /** Code of the failure that caused it; null where there is none. */
  readonly code: string | null;
  /** ISO 8601; null where it is not known. */
  readonly since: string | null;
  /** How many segments are affected; null where it concerns the source as a whole. */
  readonly segments: number | null;
  /** Conditions of several sources that share a cause have the same text here. */
  readonly cause: string;
  /** True where, until it ends, segments are missing from the archive, cannot be archived, or cannot be written. */
  readonly isHolding: boolean;
}

/** Defaults to a condition of the whole source that holds up archiving. */
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

/** A duration with suitable precision: `40 s`, `12 min`, `3 h`, `2 d`. */
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
