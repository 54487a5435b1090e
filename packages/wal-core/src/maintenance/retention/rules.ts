/** What is to be kept. Several rules keep whatever any of them keeps. */
import type { SegmentName } from '../../source/segment-name.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { parseLsn, parseWalFile } from '../../source/postgres/wal-file.ts';

export interface RetentionRules {
  /**
   * Keeps what came into the archive within so many days of 24 hours, and on its timeline all behind the
   * oldest of that. Counts from the manifest's `archivedAt`, walq's own clock: the time of the file itself
   * may be a copy's.
   */
  readonly keepDays?: number;
  /** Keeps the newest so many segments, of PostgreSQL back along the newest timeline and what it came from. */
  readonly keepSegments?: number;
  /**
   * Keeps from each of these on. Of PostgreSQL: what a base backup that begins there may need, which is all
   * from there on, and every later timeline whole.
   */
  readonly keepFrom: readonly SegmentName[];
}

/** In words, for the record of a floor. */
export function describeRules({ keepDays, keepSegments, keepFrom }: RetentionRules): string {
  return [
    ...(keepDays === undefined ? [] : [`keep ${keepDays} days`]),
    ...(keepSegments === undefined ? [] : [`keep ${keepSegments} segments`]),
    ...keepFrom.map(({ name }) => `keep from ${name}`),
  ].join(', ');
}

// What PostgreSQL's `backup_label`, and a `.backup` file, say of where a base backup begins.

const startLine =
  /^START WAL LOCATION: (?<lsn>[0-9A-Fa-f]+\/[0-9A-Fa-f]+) \(file (?<file>[0-9A-F]{24})\)$/m;
const timelineLine = /^START TIMELINE: (?<timeline>\d+)$/m;

/** Name of the WAL segment from which on a base backup needs WAL. @throws WalqError `backup-label-malformed` */
export function startOfBackup(where: string, text: string): string {
  const { lsn = '', file = '' } = startLine.exec(text.replaceAll('\r\n', '\n'))?.groups ?? {};
  const wal = parseWalFile(file);
  if (wal === undefined || parseLsn(lsn) === undefined) {
    throw malformed(where, 'it has no line START WAL LOCATION');
  }
  const timeline = timelineLine.exec(text)?.groups?.['timeline'];
  if (timeline === undefined || Number(timeline) === Number.parseInt(wal.timeline, 16)) return file;
  throw malformed(where, `it names ${file} and timeline ${timeline}, which is another`);
}

const malformed = (where: string, why: string): WalqError =>
  new WalqError('backup-label-malformed', {
    message: `unable to read the backup label ${where}: ${why}`,
  });
