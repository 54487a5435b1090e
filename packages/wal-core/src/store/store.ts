import type { ArchiveKey } from './archive-key.ts';

/**
 * A place that holds archived objects.
 *
 * What every store promises, and `storeConformance` (from `@walq/wal-core/testing`) holds it to:
 * - A key is written once. Nothing ever replaces an object; a second `publish` says `exists`.
 * - A reader sees a whole object or none.
 * - When `publish` or `settle` has returned, the object survives a power cut.
 * - Every call may run at the same time as the same call elsewhere.
 * - A place that is not there (not mounted) is a failure, never "no object".
 * - Failures are `WalqError`s of class `retryable`, but for: `store-unsuitable`, a store that can never
 *   serve; `object-foreign`, something under a key that is not a regular file; `configuration-invalid`
 *   and `usage`, a name that no store accepts.
 *
 * One opening serves a whole process: it remembers which objects failed their fsync. Nobody but an
 * administrator removes a shard or a source from an archive, also when it has become empty.
 */
export interface ArchiveStore {
  /** Where the store is, as written in the configuration, without secrets. */
  readonly url: string;

  /** Opens a place for one object; nothing can be seen in the archive until it is published. */
  stage(key: ArchiveKey): Promise<Staging>;

  /**
   * Makes the staged file the object of its key, durably, and uses the staging up. `exists`: the key
   * was taken; what is there is untouched, and not proved durable (see `settle`). The writer has made
   * the file's contents durable before. After a failure the staging is still good: publish it again, or
   * discard it; the object may be there already.
   */
  publish(staging: Staging): Promise<'published' | 'exists'>;

  /** Throws a staging away; one that is used up or gone already is no failure. */
  discard(staging: Staging): Promise<void>;

  /**
   * Makes an object durable that somebody else published: itself, its directory, the way to it. Once an
   * object's fsync has failed it goes on failing with `store-fsync-failed`, whatever the kernel says.
   */
  settle(key: ArchiveKey): Promise<void>;

  /** Size of the object, undefined when there is none. */
  stat(key: ArchiveKey): Promise<ObjectStat | undefined>;

  /** The object as a local file, to be released after use; undefined when there is none. */
  fetch(key: ArchiveKey): Promise<LocalObject | undefined>;

  /** The last `bytesMax` bytes of the object, or all of a smaller one; undefined when there is none. */
  readTail(key: ArchiveKey, bytesMax: number): Promise<Uint8Array | undefined>;

  /**
   * The keys of a source's objects, in the order of their shards, in pieces. Within a shard they come in
   * no order; what is published meanwhile may be missing.
   */
  list(source: string): AsyncIterable<readonly ArchiveKey[]>;

  /** The names of the sources that have something in the archive. */
  listSources(): Promise<readonly string[]>;

  /** Small records of walq's own beside the objects of a source. */
  readonly records: RecordStore;

  /** Removes what crashed writers left behind more than a day ago; gives the number removed. */
  sweep(source: string): Promise<number>;

  /** Makes the place itself where only its last directory is missing, then probes; for a first start. */
  prepare(): Promise<void>;

  /**
   * Proves that the store can keep these promises, or says `store-unsuitable`, `store-read-only` or
   * `store-full`. Never makes the place: one that is missing is not mounted.
   */
  probe(): Promise<void>;
}

/**
 * Small JSON records under `<source>/_walq/`. A name has letters, digits, `_` and `-`, within one folder
 * at most, such as `quarantine/ab12`; anything else is refused (`usage`).
 */
export interface RecordStore {
  /** Creates a record; `exists` when the name is taken, which is left untouched. Durable either way. */
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
