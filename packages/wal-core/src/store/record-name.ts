/** Names of records: one part, or a folder and a part, such as `quarantine/ab12`. */
import { WalqError } from '../base/failure/walq-error.ts';

export const RECORD_SUFFIX = '.json';

const part = /^[A-Za-z0-9_-]{1,128}$/;

export function refuseRecordName(name: string): void {
  const parts = name.split('/');
  if (parts.length <= 2 && parts.every((text) => part.test(text))) return;
  throw refused(`'${name}' cannot be the name of a record`);
}

export function refuseFolderName(folder: string): void {
  if (!part.test(folder)) throw refused(`'${folder}' cannot be a folder of records`);
}

const refused = (message: string): WalqError =>
  new WalqError('usage', { message, hint: 'Letters, digits, _ and -, within one folder at most.' });

/** The record within its folder that has this file name; undefined for anything else. */
export function recordOfFileName(fileName: string): string | undefined {
  if (!fileName.endsWith(RECORD_SUFFIX)) return undefined;
  const name = fileName.slice(0, -RECORD_SUFFIX.length);
  return part.test(name) ? name : undefined;
}
