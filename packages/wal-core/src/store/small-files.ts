/**
 * The small files of walq's own beside a source's objects, under `<source>/_walq/`: records, and dictionaries that are
 * named by what they hold. A store keeps the files; what they are called and what is believed of them is said here.
 */
import { WalqError } from '../base/failure/walq-error.ts';
import { sha256Of } from '../base/hash.ts';
import type { ArchiveStore, DictionaryStore, RecordStore } from './store.ts';

/** The files of `<source>/_walq/`. Their names are relative to that folder and were checked; a source's was not. */
export interface SmallFiles {
  /** Never replaces; durable either way. */
  create(source: string, name: string, bytes: Uint8Array): Promise<'created' | 'exists'>;
  /** At most so many bytes are read; undefined when there is none. */
  read(source: string, name: string, bytesMax: number): Promise<Uint8Array | undefined>;
  /** Names of the files in a folder, without the folder. */
  list(source: string, folder: string): Promise<readonly string[]>;
  /** Durably; one that is gone already is no failure. */
  remove(source: string, name: string): Promise<void>;
  /** Names a file in messages. */
  show(source: string, name: string): string;
}

const RECORD_SUFFIX = '.json';
/** Of a record nothing more is read. */
const RECORD_BYTES_MAX = 1024 * 1024;
const DICTIONARIES_FOLDER = 'dictionaries';
const DICTIONARY_SUFFIX = '.dict';
/** Of one dictionary. zstd's own trainer makes some 110 KiB; each thread holds one. */
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
    if (!recordPart.test(folder)) throw refused(`'${folder}' cannot be a folder of records`);
    return namesWith(RECORD_SUFFIX, recordPart, await files.list(source, folder));
  },
  remove: async (source, name) => files.remove(source, recordFileOf(name)),
});

export function dictionaryStore(files: SmallFiles): DictionaryStore {
  const read = async (source: string, sha256: string): Promise<Uint8Array | undefined> => {
    const name = dictionaryFileOf(sha256);
    // One byte more than any has, so that a longer one has another SHA-256 than its beginning.
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
  throw refused(`'${name}' cannot be the name of a record`);
}

const refused = (message: string): WalqError =>
  new WalqError('usage', { message, hint: 'Letters, digits, _ and -, within one folder at most.' });

function dictionaryFileOf(sha256: string): string {
  if (sha256Pattern.test(sha256)) return `${DICTIONARIES_FOLDER}/${sha256}${DICTIONARY_SUFFIX}`;
  throw new WalqError('usage', {
    message: `'${sha256}' cannot be the name of a dictionary`,
    hint: 'A dictionary is named by its SHA-256: 64 lowercase hexadecimal digits.',
  });
}

/** What stands before the suffix in the names that have it, in order; other files are none of these. */
function namesWith(suffix: string, form: RegExp, fileNames: readonly string[]): readonly string[] {
  const names = fileNames.filter((name) => name.endsWith(suffix));
  return names
    .map((name) => name.slice(0, -suffix.length))
    .filter((name) => form.test(name))
    .toSorted();
}

/** Before it is stored: under a name that is not its own nobody would believe it. */
function assertUsableDictionary(sha256: string, bytes: Uint8Array): void {
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
 * The records of a folder with their text, read a few at a time, in no order; one that is removed meanwhile is left
 * out. Memory grows with the folder.
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
