/** A snapshot of one source and its archive, for `walq status`, the metrics and the archive page. */
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
  /** The first of them, and its record's message. */
  readonly segment: string;
  readonly message: string;
  /** When the first was quarantined, ISO 8601. */
  readonly since: string;
}

/** The figures of a source, counted on its disk and in its archive. */
export interface SourceFigures extends Backlog {
  /** ISO 8601. */
  readonly takenAt: string;
  readonly type: Source['type'];
  /** URL of the archive. */
  readonly archive: string;
  /** Sealed segments that are not flushed; null where only the server knows, as with PostgreSQL. */
  readonly unflushed: Unflushed | null;
  /** Due segments of a kept source that differ from the archived object of the same name. */
  readonly mismatchedSegments: number;
  /** The file that blocks PostgreSQL's archiver; null where none does, or the source is another type. */
  readonly archiverBlocked: PushRefusal | null;
  /** The quarantined segments grouped by failure, oldest first. */
  readonly quarantine: readonly QuarantinedFor[];
  /** Replacements that a repair began long ago and has not finished. */
  readonly unfinishedRepairs: number;
  /** Objects that a full read found corrupt and that still exist. */
  readonly corruptObjects: number;
  readonly archivedSegments: number;
  /** The highest segment in the archive, and when it was archived. */
  readonly lastArchived: LastArchived | null;
  /** Gaps that are not acknowledged. */
  readonly openGaps: number;
  readonly acknowledgedGaps: number;
  readonly quarantinedSegments: number;
  /** Quarantined segments that are neither at the source nor in the archive. */
  readonly lostSegments: number;
  /** Compression ratio (plain / stored bytes) of the newest archived segments; null while there are none. */
  readonly recentRatio: number | null;
  /** Null where it is not known. */
  readonly sourceSpace: DiskSpace | null;
  readonly archiveSpace: DiskSpace | null;
}

export interface SourceSnapshot {
  readonly figures: SourceFigures;
  /** In order. */
  readonly gaps: readonly KnownGap[];
  /** By name. */
  readonly quarantined: readonly ListedRecord[];
  /** The first of the segments that `mismatchedSegments` counts. */
  readonly mismatched: readonly string[];
  readonly unfinishedRepairs: readonly Repair[];
  /** zstd levels of the newest archived segments, without repeats, newest first. */
  readonly recentLevels: readonly number[];
  /** Segments at the source below the prune floor: neither archived nor deleted. */
  readonly belowFloorAtSource: number;
  /** The archive and the due segments, in order. */
  readonly spans: readonly Span[];
}
