/** Retention rules. A segment is kept if any rule keeps it. */
import type { SegmentName } from '../../source/segment-name.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { parseLsn, parseWalFile } from '../../source/postgres/wal-file.ts';

export interface RetentionRules {
  /**
   * Keeps what was archived within this many days of 24 hours, and everything after the oldest of that on its
   * timeline. It
   * counts from the manifest's `archivedAt`, walq's own clock, because the file's own time may be that of a copy.
   */
  readonly keepDays?: number;
  /** Keeps this many of the newest segments; for PostgreSQL back along the newest timeline and its ancestors. */
  readonly keepSegments?: number;
  /**
   * Keeps everything from each of these segments on. For PostgreSQL that is what a base backup that starts there may
   * need, and
   * every later timeline as a whole.
   */
  readonly keepFrom: readonly SegmentName[];
}

/** The rules in words, for the record of a floor. */
export function describeRules({ keepDays, keepSegments, keepFrom }: RetentionRules): string {
  return [
    ...(keepDays === undefined ? [] : [`keep ${keepDays} days`]),
    ...(keepSegments === undefined ? [] : [`keep ${keepSegments} segments`]),
    ...keepFrom.map(({ name }) => `keep from ${name}`),
  ].join(', ');
}

// Where a base backup starts, according to PostgreSQL's `backup_label` or a `.backup` file.

const startLine =
  /^START WAL LOCATION: (?<lsn>[0-9A-Fa-f]+\/[0-9A-Fa-f]+) \(file (?<file>[0-9A-F]{24})\)$/m;
const timelineLine = /^START TIMELINE: (?<timeline>\d+)$/m;

/** Name of the first WAL segment that a base backup needs. @throws WalqError `backup-label-malformed` */
export function startOfBackup(where: string, text: string): string {
  const { lsn = '', file = '' } = startLine.exec(text.replaceAll('\r\n', '\n'))?.groups ?? {};
  const wal = parseWalFile(file);
  if (wal === undefined || parseLsn(lsn) === undefined) {
    throw malformed(where, 'it has no line START WAL LOCATION');
  }
  const timeline = timelineLine.exec(text)?.groups?.['timeline'];
  if (timeline === undefined || Number(timeline) === Number.parseInt(wal.timeline, 16)) return file;
  throw malformed(where, `it names ${file} and the different timeline ${timeline}`);
}

const malformed = (where: string, why: string): WalqError =>
  new WalqError('backup-label-malformed', {
    message: `unable to read the backup label ${where}: ${why}`,
  });
