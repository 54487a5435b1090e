/** What is wrong with a source according to its disk and its archive, worst first. */
import { catalogue, isFailureCode } from '../../base/failure/catalogue.ts';
import type { DiskSpace } from '../../base/disk/disk.ts';
import { newCondition, worstFirst, showCount, showSpan, type Condition } from './condition.ts';
import type { SourceFigures } from './source-snapshot.ts';
import type { Unflushed } from './backlog.ts';

/** What is known about a source, from a snapshot or from its producer. */
export interface KnownSource {
  readonly source: string;
  readonly figures: SourceFigures | null;
  /** Why the source or its archive cannot be read, or why its producer has stopped. */
  readonly failure: {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
  } | null;
  readonly failingSince: string | null;
}

const LATE_MS = 300_000;
const VERY_LATE_MS = 3_600_000;
/** An engine flushes a sealed segment within minutes. */
const NOT_FLUSHED_MS = 3_600_000;
const NOT_FLUSHED_LONG_MS = 6 * 3_600_000;
/** This many sealed segments, while the watermark has not moved for that long, are not a burst. */
const PILED_UP_SEGMENTS = 10;
/** Less free space than this counts as none: not even walq's small records fit. */
const ROOM_BYTES_MIN = 65_536;

export function diskConditions(known: KnownSource): Condition[] {
  const { source, figures } = known;
  return [
    ...unavailable(known),
    ...(figures === null
      ? []
      : [
          ...blockedArchiver(figures),
          ...losses(source, figures),
          ...notFlushed(source, figures),
          ...rooms(figures),
          ...late(source, figures),
        ]),
  ].toSorted(worstFirst);
}

function unavailable({ failure, failingSince }: KnownSource): Condition[] {
  if (failure === null) return [];
  const { code, message, hint } = failure;
  const level = 'critical';
  return [newCondition({ kind: 'unavailable', level, message, hint, code, since: failingSince })];
}

/** PostgreSQL archives nothing after this file either. */
function blockedArchiver({ archiverBlocked: blocked }: SourceFigures): Condition[] {
  if (blocked === null) return [];
  const { segment, code, message, hint, since, tries } = blocked;
  return [
    newCondition({
      kind: 'archiver-blocked',
      level: isTransient(code) ? 'warning' : 'critical',
      message: `PostgreSQL's archiver waits for ${segment}, tried ${showCount(tries, 'time')}: ${message}`,
      hint,
      code,
      since,
      segments: 1,
      cause: `archiver-blocked ${segment}`,
    }),
  ];
}

/** Whether a retry can succeed; PostgreSQL retries by itself. */
const isTransient = (code: string): boolean =>
  isFailureCode(code) && catalogue[code].class === 'retryable';

function losses(source: string, figures: SourceFigures): Condition[] {
  const { lostSegments: lost, openGaps, quarantinedSegments, mismatchedSegments } = figures;
  const { unfinishedRepairs, quarantine, corruptObjects } = figures;
  const conditions: Condition[] = [];
  if (lost > 0) {
    conditions.push(
      newCondition({
        kind: 'lost',
        level: 'critical',
        message: `${showCount(lost, 'segment')} ${areIs(lost)} lost, neither at the source nor in the archive`,
        hint: `Find another copy immediately. walq repair ${source} lists ${lost === 1 ? 'it' : 'them'}.`,
        segments: lost,
        cause: `lost ${source}`,
      }),
    );
  }
  if (openGaps > 0) {
    conditions.push(
      newCondition({
        kind: 'gap',
        level: 'critical',
        message: `The archive has ${showCount(openGaps, 'gap')}; a restore ends at the first`,
        hint: `Find the missing segments, or acknowledge the gap: walq repair ${source}.`,
        cause: `gap ${source}`,
      }),
    );
  }
  if (corruptObjects > 0) {
    conditions.push(
      newCondition({
        kind: 'corrupt',
        level: 'critical',
        message: `${showCount(corruptObjects, 'archived object')} ${areIs(corruptObjects)} corrupt, found by a full read`,
        hint: `Run walq repair ${source}. It shows the command that replaces ${corruptObjects === 1 ? 'it' : 'them'} while the source file exists.`,
        segments: corruptObjects,
        cause: `corrupt ${source}`,
      }),
    );
  }
  const kept = quarantinedSegments - lost;
  if (kept > 0) {
    conditions.push(
      newCondition({
        kind: 'quarantine',
        level: 'warning',
        message: `${showCount(kept, 'segment')} ${areIs(kept)} in quarantine; the source is kept`,
        hint: `Run walq repair ${source} to see what to do.`,
        segments: kept,
        since: quarantine[0]?.since ?? null,
        cause: `quarantine ${source}`,
      }),
    );
  }
  if (mismatchedSegments > 0) {
    conditions.push(
      newCondition({
        kind: 'mismatch',
        level: 'warning',
        message: `${showCount(mismatchedSegments, 'segment')} at the source ${mismatchedSegments === 1 ? 'does' : 'do'} not match the archived object of the same name`,
        hint: `A worker compares them. If a file was written after it was archived, run walq repair ${source} to see what to do.`,
        segments: mismatchedSegments,
        cause: `mismatch ${source}`,
      }),
    );
  }
  if (unfinishedRepairs > 0) {
    conditions.push(
      newCondition({
        kind: 'repair-unfinished',
        level: 'warning',
        message: `A repair has not finished replacing ${showCount(unfinishedRepairs, 'object')}`,
        hint: `Run walq repair ${source}. It shows the command that finishes it.`,
        segments: unfinishedRepairs,
        cause: `repair ${source}`,
      }),
    );
  }
  return conditions;
}

function notFlushed(source: string, { unflushed, takenAt }: SourceFigures): Condition[] {
  if (unflushed === null || unflushed.segments === 0) return [];
  const ageMs = unflushed.oldestAgeMs ?? 0;
  const isNever = unflushed.flushedUpTo === null;
  if (!isNever && !isPiledUp(unflushed)) return [];
  if (unflushed.skipNewest !== null && ageMs < NOT_FLUSHED_MS) return [];
  const lasting = Math.max(ageMs, isNever ? 0 : (unflushed.watermarkAgeMs ?? 0));
  const segments = `${showCount(unflushed.segments, 'sealed segment')} ${areIs(unflushed.segments)} not flushed, so not archived`;
  return [
    newCondition({
      kind: 'not-flushed',
      level: lasting >= NOT_FLUSHED_LONG_MS ? 'critical' : 'warning',
      message: `${segments}: ${whyNotFlushed(unflushed)}`,
      hint:
        unflushed.skipNewest === null
          ? `Check that the engine writes the watermark after each flush; or run walq mark-flushed ${source} with the last flushed segment.`
          : `Lower skip_newest of ${source} to the number of segments that the engine still writes.`,
      segments: unflushed.segments,
      since: new Date(Date.parse(takenAt) - ageMs).toISOString(),
      cause: `not-flushed ${source}`,
    }),
  ];
}

const isPiledUp = ({ segments, oldestAgeMs, watermarkAgeMs }: Unflushed): boolean =>
  (oldestAgeMs ?? 0) >= NOT_FLUSHED_MS ||
  (segments >= PILED_UP_SEGMENTS && (watermarkAgeMs ?? 0) >= NOT_FLUSHED_MS);

function whyNotFlushed({ flushedUpTo, watermarkAgeMs, skipNewest }: Unflushed): string {
  if (skipNewest !== null) return `skip_newest = ${skipNewest} excludes all of them`;
  if (flushedUpTo === null) return 'the source has no watermark yet';
  return `the watermark ${flushedUpTo} has not moved for ${showSpan(watermarkAgeMs ?? 0)}`;
}

function rooms({ archive, archiveSpace, sourceSpace, ...figures }: SourceFigures): Condition[] {
  const conditions: Condition[] = [];
  if (archiveSpace?.isReadOnly === true) {
    conditions.push(
      newCondition({
        kind: 'archive-read-only',
        level: 'critical',
        message: `The filesystem of the archive ${archive} is mounted read-only`,
        hint: 'Check it for errors, then remount it writable.',
        code: 'store-read-only',
        cause: `archive-read-only ${archive}`,
      }),
    );
  }
  const stored = figures.largestDueBytes / Math.max(1, figures.recentRatio ?? 1);
  if (isFull(archiveSpace, stored)) {
    const free = archiveSpace?.freeBytes ?? 0;
    conditions.push(
      newCondition({
        kind: 'archive-full',
        level: 'critical',
        message: `The filesystem of the archive ${archive} is full: ${bytes(free)} free`,
        hint: 'Free space there, or move the archive to a larger filesystem.',
        code: 'store-full',
        cause: `full ${archiveSpace?.filesystem ?? archive}`,
      }),
    );
  }
  if (isFull(sourceSpace, 0)) {
    conditions.push(
      newCondition({
        kind: 'source-full',
        level: 'critical',
        message: `The filesystem of the source is full: ${bytes(sourceSpace?.freeBytes ?? 0)} free`,
        hint: 'Free space there. Do not delete segments by hand.',
        cause: `full ${sourceSpace?.filesystem ?? ''}`,
      }),
    );
  }
  return conditions;
}

const isFull = (space: DiskSpace | null, neededBytes: number): boolean =>
  space !== null && space.freeBytes < Math.max(ROOM_BYTES_MIN, neededBytes);

function late(source: string, figures: SourceFigures): Condition[] {
  const { dueSegments, oldestDueAgeMs, takenAt } = figures;
  const ageMs = oldestDueAgeMs ?? 0;
  if (dueSegments === 0 || ageMs < LATE_MS) return [];
  return [
    newCondition({
      kind: 'late',
      level: ageMs >= VERY_LATE_MS ? 'critical' : 'warning',
      message: `${showCount(dueSegments, 'segment')} ${dueSegments === 1 ? 'waits' : 'wait'} to be archived, the oldest for ${showSpan(ageMs)}`,
      hint: 'Add workers, or fix what blocks them.',
      segments: dueSegments,
      since: new Date(Date.parse(takenAt) - ageMs).toISOString(),
      cause: `late ${source}`,
      isHolding: false,
    }),
  ];
}

const areIs = (number: number): string => (number === 1 ? 'is' : 'are');

const MEGABYTE = 1_000_000;

const bytes = (number: number): string =>
  number < MEGABYTE ? `${Math.round(number / 1_000)} kB` : `${(number / MEGABYTE).toFixed(1)} MB`;
