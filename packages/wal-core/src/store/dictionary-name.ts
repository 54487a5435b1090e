/** Dictionaries are named by what they hold: the SHA-256 of their bytes. */
import { createHash } from 'node:crypto';
import { WalqError } from '../base/failure/walq-error.ts';

/** Of one dictionary. zstd's own trainer makes some 110 KiB; each thread holds one. */
export const DICTIONARY_BYTES_MAX = 1024 * 1024;

export const DICTIONARIES_FOLDER = 'dictionaries';
export const DICTIONARY_SUFFIX = '.dict';

const sha256Pattern = /^[0-9a-f]{64}$/;

export const sha256Of = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

export function refuseDictionaryName(sha256: string): void {
  if (sha256Pattern.test(sha256)) return;
  throw new WalqError('usage', {
    message: `'${sha256}' cannot be the name of a dictionary`,
    hint: 'A dictionary is named by its SHA-256: 64 lowercase hexadecimal digits.',
  });
}

/** Before it is stored: under a name that is not its own nobody would believe it. */
export function refuseUnfitDictionary(sha256: string, bytes: Uint8Array): void {
  refuseDictionaryName(sha256);
  const found = sha256Of(bytes);
  if (found !== sha256) {
    throw new WalqError('usage', { message: `the dictionary ${sha256} has the SHA-256 ${found}` });
  }
  if (bytes.length > 0 && bytes.length <= DICTIONARY_BYTES_MAX) return;
  throw new WalqError('usage', {
    message: `a dictionary has 1 to ${DICTIONARY_BYTES_MAX} bytes, this one has ${bytes.length}`,
  });
}

/** What an archive holds under a dictionary's name is believed only when it has that SHA-256. */
export function refuseOtherDictionary(where: string, sha256: string, bytes: Uint8Array): void {
  const found = sha256Of(bytes);
  if (found === sha256) return;
  throw new WalqError('dictionary-corrupt', {
    message: `the dictionary ${where} has the SHA-256 ${found}, not that of its name`,
  });
}

/** The dictionary that has this file name; undefined for anything else. */
export function dictionaryOfFileName(fileName: string): string | undefined {
  if (!fileName.endsWith(DICTIONARY_SUFFIX)) return undefined;
  const name = fileName.slice(0, -DICTIONARY_SUFFIX.length);
  return sha256Pattern.test(name) ? name : undefined;
}
