/** What a look at one source and its archive gives: for `walq status`, for metrics and for the archive page. */
import type { DiskSpace } from '../../base/disk/disk.ts';
import type { KnownGap } from '../../archive/acknowledged-gaps.ts';
import type { ListedRecord } from '../../archive/quarantine.ts';
import type { PushRefusal } from '../../source/push-refusal.ts';
import type { Repair } from '../../archive/repairs.ts';
import type { Span } from '../spans/span-list.ts';
import type { Source } from '../../source/source.ts';
import type { Backlog, Unflushed } from './backlog.ts';

export interface LastArchived {
  readonly segment: string;
  readonly archivedAt: string;
}

/** Segments in quarantine for the same failure. */
export interface QuarantinedFor {
  readonly code: string;
  readonly segments: number;
  /** The first of them, and what its record says. */
  readonly segment: string;
  readonly message: string;
  /** When it was quarantined, ISO 8601. */
  readonly since: string;
}

/** The figures of a source, by the truth of its disk and its archive. */
export interface SourceFigures extends Backlog {
  /** ISO 8601. */
  readonly takenAt: string;
  readonly type: Source['type'];
  /** URL of the archive. */
  readonly archive: string;
  /** What is sealed and not flushed; null where nobody but the server can tell, as of PostgreSQL. */
  readonly unflushed: Unflushed | null;
  /** Due segments of a kept source whose name is in the archive with an object that does not match. */
  readonly mismatchedSegments: number;
  /** What PostgreSQL's archiver stands still behind; null where nothing, or no PostgreSQL. */
  readonly archiverBlocked: PushRefusal | null;
  /** The quarantine by the failure that led there, the longest first. */
  readonly quarantine: readonly QuarantinedFor[];
  /** Replacements of objects that a repair began long ago and has not ended. */
  readonly unfinishedRepairs: number;
  /** Objects that a full read found corrupt, and that are there still. */
  readonly corruptObjects: number;
  readonly archivedSegments: number;
  /** The highest segment in the archive, and when it came there. */
  readonly lastArchived: LastArchived | null;
  /** Gaps that nobody has acknowledged. */
  readonly openGaps: number;
  readonly acknowledgedGaps: number;
  readonly quarantinedSegments: number;
  /** Of the quarantined: neither at the source nor in the archive. */
  readonly lostSegments: number;
  /** Plain over stored bytes of the newest archived segments; null while there are none. */
  readonly recentRatio: number | null;
  /** Null where it cannot be told. */
  readonly sourceSpace: DiskSpace | null;
  readonly archiveSpace: DiskSpace | null;
}

export interface SourceSnapshot {
  readonly figures: SourceFigures;
  /** In order. */
  readonly gaps: readonly KnownGap[];
  /** By name. */
  readonly quarantined: readonly ListedRecord[];
  /** Of the segments that `mismatchedSegments` counts, the first ones. */
  readonly mismatched: readonly string[];
  readonly unfinishedRepairs: readonly Repair[];
  /** zstd levels of the newest archived segments, each once, that of the newest first. */
  readonly recentLevels: readonly number[];
  /** At the source, below the prune floor: neither archived nor deleted, whatever becomes of it. */
  readonly belowFloorAtSource: number;
  /** The whole archive and what is to come into it, in order. */
  readonly spans: readonly Span[];
}
