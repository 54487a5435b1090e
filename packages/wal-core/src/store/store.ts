import type { ArchiveKey } from './archive-key.ts';

/**
 * A place that holds archived objects.
 *
 * What every store promises, and `storeConformance` (from `@walq/wal-core/testing`) holds it to:
 * - A key is written once. Nothing ever replaces an object; a second `publish` says `exists`.
 * - A reader sees a whole object or none.
 * - When `publish` or `settle` has returned, the object survives a power cut.
 * - Every call may run at the same time as the same call elsewhere.
 * - Failures are `WalqError`s of class `retryable`, unless the store can never serve (`store-unsuitable`).
 */
export interface ArchiveStore {
  /** Where the store is, as written in the configuration, without secrets. */
  readonly url: string;

  /** Opens a place for one object; nothing can be seen in the archive until it is published. */
  stage(key: ArchiveKey): Promise<Staging>;

  /**
   * Makes the staged file the object of its key, durably, and uses the staging up. `exists`: the key
   * was taken; what is there is untouched, and not proved durable (see `settle`).
   */
  publish(staging: Staging): Promise<'published' | 'exists'>;

  /** Throws a staging away; one that is used up or gone already is no failure. */
  discard(staging: Staging): Promise<void>;

  /** Makes an object durable that somebody else published: itself, its directory, the way to it. */
  settle(key: ArchiveKey): Promise<void>;

  /** Size of the object, undefined when there is none. */
  stat(key: ArchiveKey): Promise<ObjectStat | undefined>;

  /** The object as a local file, to be released after use; undefined when there is none. */
  fetch(key: ArchiveKey): Promise<LocalObject | undefined>;

  /** The last `bytesMax` bytes of the object, or all of a smaller one; undefined when there is none. */
  readTail(key: ArchiveKey, bytesMax: number): Promise<Uint8Array | undefined>;

  /** The keys of a source's objects, in the order of their shards, in pieces. */
  list(source: string): AsyncIterable<readonly ArchiveKey[]>;

  /** The names of the sources that have something in the archive. */
  listSources(): Promise<readonly string[]>;

  /** Small records of walq's own beside the objects of a source. */
  readonly records: RecordStore;

  /** Removes what crashed writers left behind more than a day ago; gives the number removed. */
  sweep(source: string): Promise<number>;

  /** Proves that the store can keep these promises, or says `store-unsuitable`. */
  probe(): Promise<void>;
}

/** Small JSON records under `<source>/_walq/`. */
export interface RecordStore {
  /** Creates a record, durably; `exists` when the name is taken, which is left untouched. */
  create(source: string, name: string, text: string): Promise<'created' | 'exists'>;
  read(source: string, name: string): Promise<string | undefined>;
  /** Names of the records within a folder, such as `quarantine`, without the folder. */
  list(source: string, folder: string): Promise<readonly string[]>;
  /** Removes a record, durably; one that is gone already is no failure. */
  remove(source: string, name: string): Promise<void>;
}

/** A local file that becomes an object when it is published. */
export interface Staging {
  readonly key: ArchiveKey;
  /** An existing, empty file for this writer alone. */
  readonly path: string;
}

export interface ObjectStat {
  readonly sizeBytes: number;
}

export interface LocalObject {
  readonly path: string;
  release(): Promise<void>;
}
