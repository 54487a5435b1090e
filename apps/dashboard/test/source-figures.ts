import type { SourceFigures } from '@walq/wal-core/internal';

/** Figures of an empty source, taken so many minutes after 1970 began, with changes. */
export const figuresAt = (minute: number, changes: Partial<SourceFigures> = {}): SourceFigures => ({
  takenAt: new Date(minute * 60_000).toISOString(),
  type: 'directory',
  archive: 'file:///archive',
  unflushed: null,
  archiverBlocked: null,
  mismatchedSegments: 0,
  quarantine: [],
  unfinishedRepairs: 0,
  corruptObjects: 0,
  largestDueBytes: 0,
  dueSegments: 0,
  dueBytes: 0,
  oldestDueAgeMs: null,
  archivedSegments: 0,
  lastArchived: null,
  openGaps: 0,
  acknowledgedGaps: 0,
  quarantinedSegments: 0,
  lostSegments: 0,
  recentRatio: null,
  sourceSpace: null,
  archiveSpace: null,
  ...changes,
});
