/**
 * All that the archive page shows, as one message. The server makes it from its latest looks, never while a
 * browser waits; the page only draws it. Times are milliseconds since 1970 unless the name says otherwise;
 * null means "cannot be told".
 */

import type { Condition, Unflushed } from '@walq/wal-core/internal';

export type Level = 'ok' | 'warning' | 'critical' | 'unknown';

export interface PageState {
  readonly at: number;
  readonly version: string;
  readonly readOnly: boolean;
  readonly verdict: Verdict;
  /** Whether a job can be written there. */
  readonly redis: 'ok' | 'unreachable' | 'refusing' | 'none';
  readonly sources: readonly SourceView[];
  readonly workers: readonly WorkerView[];
  readonly producers: readonly ProducerView[];
  /** One for each cause, those that go on first; at most 20. */
  readonly failures: readonly FailureView[];
  /** How many more there are. */
  readonly moreFailures: number;
}

/** The answer to "Is my WAL safe? If not, how long do I have?". */
export interface Verdict {
  readonly level: Level;
  /** One or two sentences, such as "All flushed WAL is in the archive." */
  readonly sentence: string;
  /** What is wrong, the worst first; one for each cause, whatever the number of its sources. */
  readonly reasons: readonly Reason[];
}

export interface Reason {
  readonly level: Exclude<Level, 'ok'>;
  /** Which sources it concerns; all of them where none is named. */
  readonly sources: readonly string[];
  /** One sentence without a full stop. */
  readonly message: string;
  readonly hint: string;
  /** Milliseconds since 1970; null where it cannot be told. */
  readonly since: number | null;
}

export interface SourceView {
  readonly name: string;
  readonly level: Level;
  /** Whose eyes: this process's own, or the producer's report where this host does not see the disk. */
  readonly seenBy: 'dashboard' | 'producer' | 'nobody';
  /** When the disk was last looked at; null before the first look. */
  readonly lookedAt: number | null;
  /** Why its disk or its archive cannot be looked at. */
  readonly problem: Failure | null;
  readonly conditions: readonly Condition[];
  readonly unflushed: Unflushed | null;
  readonly backlog: {
    readonly segments: number;
    readonly bytes: number;
    readonly oldestAgeMs: number | null;
  } | null;
  /** Over the last minutes, in segments and plain bytes a second; null before two looks. */
  readonly rates: {
    readonly arrivalSegments: number;
    readonly archiveSegments: number;
    readonly arrivalBytes: number;
    readonly archiveBytes: number;
  } | null;
  /** Seconds until the backlog is gone; 'never' when it does not drain. */
  readonly drainedInS: number | 'never' | null;
  readonly archived: {
    readonly segments: number;
    readonly last: { readonly segment: string; readonly archivedAt: string } | null;
  } | null;
  readonly ratio: number | null;
  readonly disks: readonly DiskView[];
  readonly openGaps: number;
  readonly acknowledgedGaps: number;
  readonly quarantined: number;
  readonly lost: number;
  readonly queue: {
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    /** Who paused it, and when; null while it is not paused. */
    readonly pause: { readonly by: string | null; readonly at: string | null } | null;
  } | null;
  /** Of the last finished jobs, at most 200, by stage. */
  readonly stages: readonly StageView[];
}

export interface DiskView {
  readonly place: 'source' | 'archive';
  /** The same text for the disks of one filesystem; null where it cannot be told. */
  readonly filesystem: string | null;
  readonly freeBytes: number;
  readonly sizeBytes: number;
  /** Seconds until full at the present rate; 'never' when it does not fill; null before it can be told. */
  readonly fullInS: number | 'never' | null;
}

export type StageName = 'wait' | 'read' | 'compress' | 'store' | 'confirm' | 'delete';

export interface StageView {
  readonly stage: StageName;
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

export interface WorkerView {
  readonly id: string;
  readonly host: string;
  readonly version: string;
  readonly startedAt: number | null;
  readonly concurrency: number;
  readonly threads: number;
  readonly threadsBusy: number;
  readonly lastProgressAt: number | null;
  readonly isStuck: boolean;
  readonly inWork: readonly {
    readonly source: string;
    readonly segment: string;
    readonly bytes: number;
    readonly doneBytes: number;
    readonly startedAt: number;
  }[];
  /** Why it takes no jobs of a source, in words. */
  readonly holds: readonly { readonly source: string; readonly why: string }[];
}

export interface ProducerView {
  readonly id: string;
  readonly host: string;
  readonly version: string;
  readonly startedAt: number;
  readonly sources: readonly string[];
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** All failures of one cause. */
export interface FailureView extends Failure {
  readonly sources: readonly string[];
  /** An example; null when it is a source's or an archive's own. */
  readonly segment: string | null;
  /** How many segments fail so; null when it is a source's or an archive's own. */
  readonly segments: number | null;
  readonly since: number | null;
  /** When it was last seen. */
  readonly at: number | null;
  readonly kind: 'retried' | 'missing' | 'quarantined' | 'stopped';
  /** It has ended: its segments were archived since. */
  readonly isOver: boolean;
}

/** `GET /api/sources/:source/map?from=&until=`: the archive as at most some hundred cells, in order. */
export interface ArchiveMap {
  readonly source: string;
  /** Names of the first and last segment; null when there is nothing. */
  readonly first: string | null;
  readonly last: string | null;
  readonly segments: number;
  readonly cells: readonly MapCell[];
}

export interface MapCell {
  readonly first: string;
  readonly last: string;
  /** How many segments of each state; states without any are left out. */
  readonly counts: Readonly<
    Partial<Record<'archived' | 'due' | 'missing' | 'acknowledged' | 'quarantined', number>>
  >;
}

/** `GET /api/sources/:source/gaps`. */
export interface GapView {
  readonly after: string;
  readonly before: string;
  readonly missing: number;
  readonly acknowledged: {
    readonly reason: string;
    readonly by: string;
    readonly at: string;
  } | null;
}

/** `GET /api/sources/:source/quarantine`. */
export interface QuarantinedView extends Failure {
  readonly segment: string;
  /** What `release` takes: the record's own name, also where the record is damaged. */
  readonly record: string;
  readonly quarantinedAt: string;
  readonly worker: string;
}

/** `GET /api/sources/:source/history`: columns of equal length, oldest first, at most some hours. */
export interface History {
  readonly at: readonly number[];
  readonly dueSegments: readonly (number | null)[];
  readonly dueBytes: readonly (number | null)[];
  readonly oldestAgeMs: readonly (number | null)[];
  readonly arrivalBytes: readonly (number | null)[];
  readonly archiveBytes: readonly (number | null)[];
  readonly sourceFreeBytes: readonly (number | null)[];
  readonly archiveFreeBytes: readonly (number | null)[];
}

/** What each action answers: a sentence for the person who asked. */
export interface ActionAnswer {
  readonly message: string;
}
