/**
 * walq's own small files of a source, under `<source>/_walq/`: records, and dictionaries that are named by their SHA-256.
 * A store keeps the files; this file defines their names and checks their content.
 */
import { WalqError } from '../base/failure/walq-error.ts';
import { sha256Of } from '../base/hash.ts';
import type { ArchiveStore, DictionaryStore, RecordStore } from './store.ts';

/** The files of `<source>/_walq/`. Names are relative to that folder and checked; the name of the source is not. */
export interface SmallFiles {
  /** Never replaces; durable either way. */
  create(source: string, name: string, bytes: Uint8Array): Promise<'created' | 'exists'>;
  /** Reads at most `bytesMax`; undefined when there is no such file. */
  read(source: string, name: string, bytesMax: number): Promise<Uint8Array | undefined>;
  /** Names of the files in a folder, without the folder. */
  list(source: string, folder: string): Promise<readonly string[]>;
  /** Removes a file, durably; one that does not exist is not a failure. */
  remove(source: string, name: string): Promise<void>;
  /** Names a file in messages. */
  show(source: string, name: string): string;
}

const RECORD_SUFFIX = '.json';
/** At most this much of a record is read. */
const RECORD_BYTES_MAX = 1024 * 1024;
const DICTIONARIES_FOLDER = 'dictionaries';
const DICTIONARY_SUFFIX = '.dict';
/** Limit of one dictionary. zstd's trainer makes about 110 KiB, and each thread keeps one in memory. */
export const DICTIONARY_BYTES_MAX = 1024 * 1024;

const recordPart = /^[A-Za-z0-9_-]{1,128}$/;
const sha256Pattern = /^[0-9a-f]{64}$/;

export const recordStore = (files: SmallFiles): RecordStore => ({
  create: async (source, name, text) =>
    files.create(source, recordFileOf(name), Buffer.from(text, 'utf8')),
  read: async (source, name) => {
    const bytes = await files.read(source, recordFileOf(name), RECORD_BYTES_MAX);
    return bytes && Buffer.from(bytes).toString('utf8');
  },
  list: async (source, folder) => {
    if (!recordPart.test(folder)) throw refused(`'${folder}' is not a valid folder of records`);
    return namesWith(RECORD_SUFFIX, recordPart, await files.list(source, folder));
  },
  remove: async (source, name) => files.remove(source, recordFileOf(name)),
});

export function dictionaryStore(files: SmallFiles): DictionaryStore {
  const read = async (source: string, sha256: string): Promise<Uint8Array | undefined> => {
    const name = dictionaryFileOf(sha256);
    // One byte more than the limit, so that the SHA-256 of a longer file does not match.
    const bytes = await files.read(source, name, DICTIONARY_BYTES_MAX + 1);
    if (bytes !== undefined) assertSameDictionary(files.show(source, name), sha256, bytes);
    return bytes;
  };
  return {
    read,
    create: async (source, sha256, bytes) => {
      const name = dictionaryFileOf(sha256);
      assertUsableDictionary(sha256, bytes);
      const created = await files.create(source, name, bytes);
      if (created === 'exists') await read(source, sha256);
      return created;
    },
    list: async (source) =>
      namesWith(DICTIONARY_SUFFIX, sha256Pattern, await files.list(source, DICTIONARIES_FOLDER)),
  };
}

/** For messages. */
export const kindOfSmallFile = (name: string): 'record' | 'dictionary' =>
  name.endsWith(DICTIONARY_SUFFIX) ? 'dictionary' : 'record';

/** One part, or a folder and a part, such as `quarantine/ab12`. */
function recordFileOf(name: string): string {
  const parts = name.split('/');
  if (parts.length <= 2 && parts.every((part) => recordPart.test(part))) {
    return `${name}${RECORD_SUFFIX}`;
  }
  throw refused(`'${name}' is not a valid name of a record`);
}

const refused = (message: string): WalqError =>
  new WalqError('usage', {
    message,
    hint: 'Use letters, digits, _ and -, with at most one folder.',
  });

function dictionaryFileOf(sha256: string): string {
  if (sha256Pattern.test(sha256)) return `${DICTIONARIES_FOLDER}/${sha256}${DICTIONARY_SUFFIX}`;
  throw new WalqError('usage', {
    message: `'${sha256}' is not a valid name of a dictionary`,
    hint: 'Name a dictionary by its SHA-256: 64 lowercase hexadecimal digits.',
  });
}

/** The valid names of the files with this suffix, without the suffix, in order. */
function namesWith(suffix: string, form: RegExp, fileNames: readonly string[]): readonly string[] {
  const names = fileNames.filter((name) => name.endsWith(suffix));
  return names
    .map((name) => name.slice(0, -suffix.length))
    .filter((name) => form.test(name))
    .toSorted();
}

/** Checks a dictionary before it is stored: readers reject one whose name is not its SHA-256. */
function assertUsableDictionary(sha256: string, bytes: Uint8Array): void {
  const found = sha256Of(bytes);
  if (found !== sha256) {
    throw new WalqError('usage', {
      message: `unable to store the dictionary ${sha256}: its SHA-256 is ${found}`,
    });
  }
  if (bytes.length > 0 && bytes.length <= DICTIONARY_BYTES_MAX) return;
  throw new WalqError('usage', {
    message: `unable to store a dictionary of ${bytes.length} bytes: it must have 1 to ${DICTIONARY_BYTES_MAX}`,
  });
}

/** Accepts the bytes under a dictionary's name only when they have that SHA-256. */
function assertSameDictionary(where: string, sha256: string, bytes: Uint8Array): void {
  const found = sha256Of(bytes);
  if (found === sha256) return;
  throw new WalqError('dictionary-corrupt', {
    message: `the dictionary '${where}' has the SHA-256 ${found}, not that of its name`,
  });
}

interface NamedRecord {
  readonly name: string;
  readonly text: string;
}

const READS_AT_ONCE = 8;

/**
 * The records of a folder with their text, read a few at a time, unordered. A record that is removed during the call
 * may be missing. Memory grows with the folder.
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
