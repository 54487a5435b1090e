/**
 * Which dictionary a segment is compressed with. Before the first object uses it, the dictionary is in the archive,
 * made
 * durable by this process, and has been read back.
 *
 * No failure here fails a segment: where the dictionary is not available, segments are compressed without one.
 */
import type { Disk } from '../base/disk/disk.ts';
import { readSmallBytes } from '../base/disk/read-small-file.ts';
import { reasonOf } from '../base/failure/system-error.ts';
import { asWalqError, WalqError } from '../base/failure/walq-error.ts';
import { sha256Of } from '../base/hash.ts';
import type { Dictionary, DictionarySetting } from '../codec/dictionary.ts';
import { DICTIONARY_BYTES_MAX } from '../store/small-files.ts';
import type { ArchiveStore } from '../store/store.ts';
import type { Threads } from '../threads/threads.ts';
import { dictionaryInUse } from './dictionary-in-use.ts';
import { dictionaryCacheOf } from './dictionary-cache.ts';

/** What `onDictionary` receives. */
export type DictionaryEvent =
  | {
      readonly kind: 'dictionary-used';
      readonly source: string;
      /** SHA-256 of the dictionary; null when the source no longer uses one. */
      readonly dictionary: string | null;
    }
  | {
      /** Reported once; again only after a dictionary was in use in between. */
      readonly kind: 'dictionary-not-used';
      readonly source: string;
      readonly failure: WalqError;
    };

export interface Dictionaries {
  /** Undefined where no dictionary is configured or available. Rejects only if `onDictionary` throws. */
  dictionaryOf(source: string, store: ArchiveStore): Promise<Dictionary | undefined>;
}

export interface DictionariesOptions {
  readonly disk: Disk;
  readonly threads: Threads;
  /** @default 'off' */
  readonly dictionary?: DictionarySetting | undefined;
  readonly onDictionary?: ((event: DictionaryEvent) => void) | undefined;
  /** Monotonic clock, in milliseconds. @default performance.now */
  readonly now?: () => number;
}

/** A newly trained dictionary is in use after this long at the latest. */
const REFRESH_INTERVAL_MS = 30_000;

export function createDictionaries({
  dictionary = 'off',
  ...options
}: DictionariesOptions): Dictionaries {
  if (dictionary === 'off') return { dictionaryOf: async () => undefined };
  const sources = new Map<string, SourceDictionary>();
  return {
    dictionaryOf: (source, store) => {
      const known = sources.get(source) ?? new SourceDictionary(source, dictionary, options);
      sources.set(source, known);
      return known.now(store);
    },
  };
}

class SourceDictionary {
  readonly #source: string;
  readonly #setting: Exclude<DictionarySetting, 'off'>;
  readonly #options: Omit<DictionariesOptions, 'dictionary'>;
  #dictionary: Dictionary | undefined;
  #refreshedAtMs: number | undefined;
  #refreshing: Promise<void> | undefined;
  #failureLogged = false;

  constructor(
    source: string,
    setting: Exclude<DictionarySetting, 'off'>,
    options: Omit<DictionariesOptions, 'dictionary'>,
  ) {
    this.#source = source;
    this.#setting = setting;
    this.#options = options;
  }

  /** Every caller waits for the first refresh. Later refreshes delay only the caller that started them. */
  async now(store: ArchiveStore): Promise<Dictionary | undefined> {
    if (this.#refreshing !== undefined) {
      if (this.#refreshedAtMs === undefined) await this.#refreshing;
      return this.#dictionary;
    }
    const nowMs = (this.#options.now ?? (() => performance.now()))();
    const isFresh =
      this.#refreshedAtMs !== undefined && nowMs - this.#refreshedAtMs < REFRESH_INTERVAL_MS;
    if (isFresh) return this.#dictionary;
    this.#refreshing = this.#refresh(store);
    try {
      await this.#refreshing;
    } finally {
      this.#refreshing = undefined;
      this.#refreshedAtMs = nowMs;
    }
    return this.#dictionary;
  }

  async #refresh(store: ArchiveStore): Promise<void> {
    const before = this.#dictionary?.sha256;
    try {
      this.#dictionary = await this.#find(store);
    } catch (error) {
      this.#dictionary = undefined;
      return this.#logFailure(asWalqError(error));
    }
    this.#failureLogged = false;
    const dictionary = this.#dictionary?.sha256;
    if (dictionary === before) return;
    const event = { source: this.#source, dictionary: dictionary ?? null };
    this.#options.onDictionary?.({ kind: 'dictionary-used', ...event });
  }

  async #find(store: ArchiveStore): Promise<Dictionary | undefined> {
    const offered = await this.#offered(store);
    if (offered === undefined) return undefined;
    const { sha256, bytes } = offered;
    if (sha256 !== this.#dictionary?.sha256) {
      const untilDone = new AbortController().signal;
      await this.#options.threads.checkDictionary({ dictionary: offered }, untilDone);
    }
    if (this.#setting !== 'train') await store.dictionaries.create(this.#source, sha256, bytes);
    return dictionaryCacheOf(store).readDurable(this.#source, sha256);
  }

  async #offered(store: ArchiveStore): Promise<Dictionary | undefined> {
    if (this.#setting !== 'train')
      return readDictionaryFile(this.#options.disk, this.#setting.path);
    const inUse = await dictionaryInUse(store, this.#source);
    return inUse && dictionaryCacheOf(store).read(this.#source, inUse.sha256);
  }

  #logFailure(failure: WalqError): void {
    if (this.#failureLogged || failure.code === 'cancelled') return;
    this.#failureLogged = true;
    this.#options.onDictionary?.({ kind: 'dictionary-not-used', source: this.#source, failure });
  }
}

/** Reads a dictionary from a file outside the archive. @throws WalqError `dictionary-unusable` */
export async function readDictionaryFile(disk: Disk, path: string): Promise<Dictionary> {
  const bytes = await readSmallBytes(disk, path, DICTIONARY_BYTES_MAX + 1).catch(
    (cause: unknown) => {
      throw unusable(path, reasonOf(cause), cause);
    },
  );
  if (bytes === undefined) throw unusable(path, 'the file does not exist');
  if (bytes.length === 0) throw unusable(path, 'it is empty');
  if (bytes.length > DICTIONARY_BYTES_MAX) {
    throw unusable(path, `it is longer than ${DICTIONARY_BYTES_MAX} bytes`);
  }
  return { sha256: sha256Of(bytes), bytes };
}

const unusable = (path: string, why: string, cause?: unknown): WalqError =>
  new WalqError('dictionary-unusable', {
    message: `unable to use the dictionary ${path}: ${why}`,
    cause,
  });

/** The log line for an event: its fields and its message. */
export function describeDictionary(event: DictionaryEvent): [fields: object, message: string] {
  const { source } = event;
  if (event.kind === 'dictionary-used') {
    const { dictionary } = event;
    const what = dictionary === null ? 'dictionary no longer in use' : 'dictionary in use';
    return [{ source, dictionary }, what];
  }
  const { code, message, hint } = event.failure;
  return [{ source, code, hint }, `archiving without a dictionary: ${message}`];
}
