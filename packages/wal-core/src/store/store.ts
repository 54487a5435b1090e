import type { ByteLimit } from '../base/byte-limit.ts';
import type { DiskSpace } from '../base/disk/disk.ts';
import type { MemoryFile } from '../base/disk/memory-file.ts';
import type { ArchiveKey } from './archive-key.ts';

/**
 * A place that holds archived objects.
 *
 * What every store promises, and `storeConformance` (from `@walq/conformance`) holds it to:
 * - A key is written once. Nothing ever replaces an object; a second `publish` says `exists`. Only
 *   `remove` and `moveAside` free a key.
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
  makeDurable(key: ArchiveKey): Promise<void>;

  /** Size of the object, undefined when there is none. */
  stat(key: ArchiveKey): Promise<ObjectStat | undefined>;

  /** The object as a local file, to be released after use; undefined when there is none. */
  fetch(key: ArchiveKey): Promise<LocalObject | undefined>;

  /** The last `bytesMax` bytes of the object, or all of a smaller one; undefined when there is none. */
  readTail(key: ArchiveKey, bytesMax: number): Promise<Uint8Array | undefined>;

  /**
   * Removes the object, durably; for retention alone (`maintenance/prune/`). `held`: the store itself keeps it, by
   * an object lock or a file attribute say, and it stays as it was. Of several who remove one at the same
   * time more than one may be told `removed`. Who has it open reads on; who has only fetched it may not.
   */
  remove(key: ArchiveKey): Promise<'removed' | 'absent' | 'held'>;

  /**
   * The keys of a source's objects, in the order of their shards, in pieces. Within a shard they come in
   * no order; what is published meanwhile may be missing. Only shards that `includesShard` names are read.
   */
  list(source: string, includesShard?: ShardFilter): AsyncIterable<readonly ArchiveKey[]>;

  /** The names of the sources that have something in the archive. */
  listSources(): Promise<readonly string[]>;

  /** Small records of walq's own beside the objects of a source. */
  readonly records: RecordStore;

  /** The zstd dictionaries that a source's objects were compressed with. */
  readonly dictionaries: DictionaryStore;

  /** Present where publishing copies the staged file elsewhere, instead of giving it its name in the archive. */
  readonly uploads?: ResumableUploads;

  /** Room in the place of the archive; null where it has no bounds that can be told. */
  space(): Promise<DiskSpace | null>;

  /**
   * Moves an object out of the way, durably and with its bytes untouched, and frees its key: it is kept under
   * `<source>/_walq/replaced/<segment>-<random>.zst`, never over something, and no listing shows it. Gives that
   * name, relative to the archive; undefined when there is no object. After a crash the object stands under its
   * key, under such a name, or both. For `walq repair` alone, which lets one at a time do so.
   */
  moveAside(key: ArchiveKey): Promise<string | undefined>;

  /** Removes what crashed writers left behind more than a day ago; gives the number removed. */
  sweep(source: string): Promise<number>;

  /**
   * Makes the place itself where only its last directory is missing, then probes; for a first start. `bytes` is
   * how much the probe writes, such as a segment's room, where the place is a filesystem. @default a few
   */
  prepare(bytes?: number): Promise<void>;

  /**
   * Proves that the store can keep these promises, or says `store-unsuitable`, `store-read-only` or
   * `store-full`. Never makes the place: one that is missing is not mounted.
   */
  probe(): Promise<void>;
}

/** Whether the keys of a shard are wanted, by the shard's name. */
export type ShardFilter = (shard: string) => boolean;

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

/**
 * Dictionaries under `<source>/_walq/dictionaries/<sha-256>.dict`, each named by the SHA-256 of its bytes (64
 * lowercase hexadecimal digits; another name is refused, `usage`). None is ever replaced or removed: objects
 * need it for as long as they are there.
 */
export interface DictionaryStore {
  /**
   * Keeps a dictionary; `exists` when it is there already. Durable and right either way: bytes with another
   * SHA-256 are refused (`usage`), and others that stand under its name are `dictionary-corrupt`.
   */
  create(source: string, sha256: string, bytes: Uint8Array): Promise<'created' | 'exists'>;
  /**
   * Undefined when there is none. Rejects with `dictionary-corrupt` where what is there has another SHA-256,
   * so that a wrong dictionary is never taken for a damaged object.
   */
  read(source: string, sha256: string): Promise<Uint8Array | undefined>;
  /** The SHA-256 of each, in order. */
  list(source: string): Promise<readonly string[]>;
}

/**
 * What is different where an object is a copy of its staged file: the copy may be another than what was
 * sent, and a file whose copying failed is worth keeping, for it need not be compressed again.
 */
export interface ResumableUploads {
  /**
   * Gives a proven staged file to whoever asks for it next, should this process not publish it. `mark` says
   * of which state of its source it is the copy: at most 160 of a-z, 0-9 and `-`.
   */
  saveForRetry(staging: Staging, mark: string): Promise<Staging>;
  /** What was kept of this key with this very mark, for the caller alone; undefined when there is nothing. */
  resume(key: ArchiveKey, mark: string): Promise<Staging | undefined>;
  /**
   * In memory, for an object of at most so many bytes, once `stage` or writing there has failed for want of room.
   * Waits while other objects take up the memory that a process gives to this. What was kept is thrown away: it
   * takes up that room. Rejects with `store-full` where the object is too large.
   */
  stageInMemory(key: ArchiveKey, bytesMax: number): Promise<Staging>;
}

/** A local file that becomes an object when it is published. */
export interface Staging {
  readonly key: ArchiveKey;
  /** An existing, empty file for this writer alone. */
  readonly path: string;
  /** Holds the object instead of the file; the path only names it then. */
  readonly memory?: MemoryFile | undefined;
  /** How fast it may be written, where writing it is writing to the archive. */
  readonly limit?: ByteLimit | undefined;
}

export interface ObjectStat {
  readonly sizeBytes: number;
  /** Another one when the object was replaced or written to; undefined where the store cannot tell. */
  readonly identity?: string;
}

export interface LocalObject {
  readonly path: string;
  /** Holds the object instead of the file; the path only names it then. */
  readonly memory?: MemoryFile | undefined;
  release(): Promise<void>;
}
