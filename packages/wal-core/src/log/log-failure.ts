import { reasonOf } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import type { SegmentFault } from './record-scanner.ts';

/** Damage in a segment that no crash can explain. Nothing was changed. */
export function corruptSegment(path: string, fault: SegmentFault): WalqError {
  if (fault.unknownVersion) {
    return new WalqError('archive-format-unknown', { message: `${path}: ${fault.message}` });
  }
  const record = fault.sequence === undefined ? 'its header' : `sequence ${fault.sequence}`;
  return new WalqError('log-corrupt', {
    message: `${path} is damaged at offset ${fault.offset} (${record}): ${fault.message}`,
  });
}

export const corruptLog = (message: string): WalqError =>
  new WalqError('log-corrupt', {
    message,
    hint: 'Restore the missing segments from the archive with walq restore, and find out what removed them.',
  });

export const writeFailed = (directory: string, cause: unknown): WalqError =>
  new WalqError('log-write-failed', {
    message: `unable to write to the log ${directory}: ${reasonOf(cause)}`,
    cause,
  });

export const logClosed = (directory: string): WalqError =>
  new WalqError('log-closed', { message: `the log ${directory} is closed` });
