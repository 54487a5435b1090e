/**
 * Everything that the archive page shows, as one message. The server builds it from the latest scans, so that no
 * browser waits for a disk; the page only renders it. Times are milliseconds since 1970 unless the name says
 * otherwise; null means unknown.
 */

import type { Condition, Unflushed } from '@walq/wal-core/internal';

export type HealthLevel = 'ok' | 'warning' | 'critical' | 'unknown';

export interface PageState {
  readonly at: number;
  readonly version: string;
  readonly readOnly: boolean;
  readonly headline: Headline;
  /** Whether a job can be written there. */
  readonly redis: 'ok' | 'unreachable' | 'refusing' | 'none';
  readonly sources: readonly SourceView[];
  readonly workers: readonly WorkerView[];
  readonly producers: readonly ProducerView[];
  /** One for each cause, ongoing ones first; at most 20. */
  readonly failures: readonly FailureView[];
  /** Number of causes that `failures` leaves out. */
  readonly moreFailures: number;
}

/** The answer to "Is my WAL safe? If not, how long do I have?". */
export interface Headline {
  readonly level: HealthLevel;
  /** One or two sentences, such as "All flushed WAL is archived." */
  readonly sentence: string;
  /** One for each cause, the worst first, with all sources that it affects. */
  readonly reasons: readonly Reason[];
}

export interface Reason {
  readonly level: Exclude<HealthLevel, 'ok'>;
  readonly sources: readonly string[];
  /** One sentence without a full stop. */
  readonly message: string;
  readonly hint: string;
  readonly since: number | null;
}

export interface SourceView {
  readonly name: string;
  readonly level: HealthLevel;
  /** Who read the figures: this process, or a producer that reported them because this host cannot read the disk. */
  readonly figuresFrom: 'dashboard' | 'producer' | 'none';
  /** When the figures were taken; null before the first scan. */
  readonly scannedAt: number | null;
  /** Why its disk or its archive cannot be read. */
  readonly problem: Failure | null;
  readonly conditions: readonly Condition[];
  readonly unflushed: Unflushed | null;
  readonly backlog: {
    readonly segments: number;
    readonly bytes: number;
    readonly oldestAgeMs: number | null;
  } | null;
  /** Over the last minutes, in segments and uncompressed bytes per second; null before the second scan. */
  readonly rates: {
    readonly arrivalSegments: number;
    readonly archiveSegments: number;
    readonly arrivalBytes: number;
    readonly archiveBytes: number;
  } | null;
  /** Seconds until the backlog is empty; 'never' when it does not drain. */
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
    /** Null while the source is not paused. */
    readonly pause: { readonly by: string | null; readonly at: string | null } | null;
  } | null;
  /** Of the segments in the last 200 finished jobs. */
  readonly stages: readonly StageView[];
}

/** A source before its level is known. */
export type SourceDetails = Omit<SourceView, 'level'>;

export interface DiskView {
  readonly place: 'source' | 'archive';
  /** Identifies the filesystem: equal for two disks that share one. */
  readonly filesystem: string | null;
  readonly freeBytes: number;
  readonly sizeBytes: number;
  /** Seconds until full at the present rate; 'never' when it does not fill. */
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
  /** Sources whose jobs it does not take, each with the reason. */
  readonly notTaking: readonly { readonly source: string; readonly why: string }[];
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
  /** An affected segment; null when a source or an archive as a whole fails. */
  readonly segment: string | null;
  /** How many segments are affected; null when a source or an archive as a whole fails. */
  readonly segments: number | null;
  readonly since: number | null;
  /** When the failure last occurred. */
  readonly at: number | null;
  readonly kind: 'retried' | 'missing' | 'quarantined' | 'stopped';
  /** True when all affected segments have been archived since. */
  readonly hasEnded: boolean;
}

/** `GET /api/sources/:source/map?from=&until=`: the archive as at most 480 cells, in order. */
export interface ArchiveMap {
  readonly source: string;
  /** Names of the first and last segment; null when there are none. */
  readonly first: string | null;
  readonly last: string | null;
  readonly segments: number;
  readonly cells: readonly MapCell[];
}

export interface MapCell {
  readonly first: string;
  readonly last: string;
  /** Number of segments in each state; states without segments are left out. */
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
  /** Name of the quarantine record, which the action `release` takes; known even when the record is damaged. */
  readonly record: string;
  readonly quarantinedAt: string;
  readonly worker: string;
}

/** `GET /api/sources/:source/history`: columns of equal length, oldest first, at most six hours. */
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

/** The answer to an action. */
export interface ActionAnswer {
  /** One or two sentences for the user. */
  readonly message: string;
}
