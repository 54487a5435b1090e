/** What PostgreSQL's `backup_label`, and a `.backup` file, say of where a base backup begins. */
import { WalqError } from '../../base/failure/walq-error.ts';
import { parseLsn, parseWalFile } from '../../source/postgres/wal-file.ts';

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
