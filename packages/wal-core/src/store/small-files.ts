/** The small files of walq's own beside a source's objects, `<source>/_walq/`: records and dictionaries, and their names. */
import { createHash } from 'node:crypto';
import type { DictionaryStore, ArchiveStore } from './store.ts';
import { WalqError } from '../base/failure/walq-error.ts';

/** The files of `<source>/_walq/dictionaries/`, as a store keeps them. */
interface DictionaryFiles {
  /** Never replaces; durable either way. */
  create(source: string, fileName: string, bytes: Uint8Array): Promise<'created' | 'exists'>;
  /** At most so many bytes are read; undefined when there is none. */
  read(source: string, fileName: string, bytesMax: number): Promise<Uint8Array | undefined>;
  list(source: string): Promise<readonly string[]>;
  /** Names a file in messages. */
  show(source: string, fileName: string): string;
}

export function dictionaryStore(files: DictionaryFiles): DictionaryStore {
  const fileNameOf = (sha256: string): string => {
    refuseDictionaryName(sha256);
    return `${sha256}${DICTIONARY_SUFFIX}`;
  };
  const read = async (source: string, sha256: string): Promise<Uint8Array | undefined> => {
    const fileName = fileNameOf(sha256);
    // One byte more than any has, so that a longer one has another SHA-256 than its beginning.
    const bytes = await files.read(source, fileName, DICTIONARY_BYTES_MAX + 1);
    if (bytes !== undefined) refuseOtherDictionary(files.show(source, fileName), sha256, bytes);
    return bytes;
  };
  return {
    read,
    create: async (source, sha256, bytes) => {
      const fileName = fileNameOf(sha256);
      refuseUnfitDictionary(sha256, bytes);
      const created = await files.create(source, fileName, bytes);
      if (created === 'exists') await read(source, sha256);
      return created;
    },
    list: async (source) => {
      const names = await files.list(source);
      return names.flatMap((name) => dictionaryOfFileName(name) ?? []).toSorted();
    },
  };
}

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

/** Of one dictionary. zstd's own trainer makes some 110 KiB; each thread holds one. */
export const DICTIONARY_BYTES_MAX = 1024 * 1024;

export const DICTIONARIES_FOLDER = 'dictionaries';
const DICTIONARY_SUFFIX = '.dict';

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
function refuseOtherDictionary(where: string, sha256: string, bytes: Uint8Array): void {
  const found = sha256Of(bytes);
  if (found === sha256) return;
  throw new WalqError('dictionary-corrupt', {
    message: `the dictionary ${where} has the SHA-256 ${found}, not that of its name`,
  });
}

/** The dictionary that has this file name; undefined for anything else. */
function dictionaryOfFileName(fileName: string): string | undefined {
  if (!fileName.endsWith(DICTIONARY_SUFFIX)) return undefined;
  const name = fileName.slice(0, -DICTIONARY_SUFFIX.length);
  return sha256Pattern.test(name) ? name : undefined;
}

const READS_AT_ONCE = 8;

interface NamedRecord {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads all of them, a few at a time, in no order; one that is removed meanwhile is left out. Memory grows
 * with the folder.
 */
export async function readRecords(
  { records }: ArchiveStore,
  source: string,
  folder: string,
): Promise<readonly NamedRecord[]> {
  const waiting = (await records.list(source, folder)).values();
  const found: NamedRecord[] = [];
  const lane = async (): Promise<void> => {
    for (const name of waiting) {
      const text = await records.read(source, `${folder}/${name}`);
      if (text !== undefined) found.push({ name, text });
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, lane));
  return found;
}
