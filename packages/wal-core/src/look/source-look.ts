/** What a look at one source and its archive gives: for `walq status`, for metrics and for the archive page. */
import type { DiskSpace } from '../disk/disk-space.ts';
import type { KnownGap } from '../gaps/gap.ts';
import type { ListedRecord } from '../quarantine/record.ts';
import type { Span } from '../spans/span.ts';
import type { Backlog } from './backlog.ts';

export interface LastArchived {
  readonly segment: string;
  readonly archivedAt: string;
}

/** The figures of a source, by the truth of its disk and its archive. */
export interface SourceFigures extends Backlog {
  /** ISO 8601. */
  readonly takenAt: string;
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

export interface SourceLook {
  readonly figures: SourceFigures;
  /** In order. */
  readonly gaps: readonly KnownGap[];
  /** By name. */
  readonly quarantined: readonly ListedRecord[];
  /** zstd levels of the newest archived segments, each once, that of the newest first. */
  readonly recentLevels: readonly number[];
  /** At the source, below the prune floor: neither archived nor deleted, whatever becomes of it. */
  readonly givenUpAtSource: number;
  /** The whole archive and what is to come into it, in order. */
  readonly spans: readonly Span[];
}
