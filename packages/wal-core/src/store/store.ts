import type { ByteLimit } from '../base/byte-limit.ts';
import type { DiskSpace } from '../base/disk/disk.ts';
import type { MemoryFile } from '../base/disk/memory-file.ts';
import type { WalqError } from '../base/failure/walq-error.ts';
import type { ArchiveKey } from './archive-key.ts';
import type { SharedDirectory } from './directory/shared-directory.ts';

/**
 * An archive of objects.
 *
 * What every store promises, and what `storeConformance` (from `@walq/conformance`) tests:
 * - A key is written once. Nothing ever replaces an object; a second `publish` gives `exists`. Only
 *   `remove` and `moveAside` free a key.
 * - A reader sees a whole object or none.
 * - When `publish` or `makeDurable` has returned, the object survives a power cut.
 * - Every call may run at the same time as the same call elsewhere.
 * - A missing archive (not mounted) is a failure, never "no object".
 * - Failures are `WalqError`s of class `retryable`, except `store-unsuitable` (the store can never be used),
 *   `object-foreign` (something under a key is not a regular file), and `configuration-invalid` and `usage` (a name
 *   that no store accepts).
 *
 * A process opens a store once and shares it, because the store records which objects failed their fsync. Only an
 * administrator removes a shard or a source from an archive, even if it is empty.
 */
export interface ArchiveStore {
  /** The URL of the store, as in the configuration, without secrets. */
  readonly url: string;

  /**
   * Names the staged file of one object and creates its directory. The writer creates the file. It is not visible in
   * the archive until it is published.
   */
  stage(key: ArchiveKey): Promise<Staging>;

  /**
   * Makes each staged file the object of its key, durably, and consumes the staging. Gives an answer for each, in order;
   * the failure of one does not affect the others, and never rejects. `exists`: the key was taken, and the existing
   * object is unchanged and not proved durable (see `makeDurable`). The writer must have made the files' contents
   * durable before. After a failure the staging is still valid: publish it again, or discard it. The object may exist
   * already.
   */
  publish(stagings: readonly Staging[]): Promise<readonly Published[]>;

  /** Discards a staging; one that was consumed or removed is not a failure. */
  discard(staging: Staging): Promise<void>;

  /**
   * Makes an object durable that another process published: the object, its directory and all parent directories. Once
   * an object's fsync has failed, every later call fails with `store-fsync-failed`, whatever the kernel reports.
   */
  makeDurable(key: ArchiveKey): Promise<void>;

  /** Size of the object; undefined when there is none. */
  stat(key: ArchiveKey): Promise<ObjectStat | undefined>;

  /** The object as a local file, to be released after use; undefined when there is none. */
  fetch(key: ArchiveKey): Promise<LocalObject | undefined>;

  /** The last `bytesMax` bytes of the object, or all of a smaller one; undefined when there is none. */
  readTail(key: ArchiveKey, bytesMax: number): Promise<Uint8Array | undefined>;

  /**
   * Removes the object, durably; only for retention (`maintenance/prune/`). `held`: the store itself keeps it, for
   * example by an object lock or a file attribute, and it is unchanged. Of several callers at the same time more than
   * one may get `removed`. An open file remains readable; a fetched object may not.
   */
  remove(key: ArchiveKey): Promise<'removed' | 'absent' | 'held'>;

  /**
   * The keys of a source's objects, in pieces, in the order of their shards; within a shard they are unordered. Objects
   * that are published during the listing may be missing. Only shards that `includesShard` accepts are read.
   */
  list(source: string, includesShard?: ShardFilter): AsyncIterable<readonly ArchiveKey[]>;

  /** The names of the sources in the archive. */
  listSources(): Promise<readonly string[]>;

  /** walq's own small records of a source. */
  readonly records: RecordStore;

  /** The zstd dictionaries that a source's objects were compressed with. */
  readonly dictionaries: DictionaryStore;

  /** Present where publishing uploads the staged file, instead of linking it into the archive. */
  readonly uploads?: ResumableUploads;

  /**
   * What another thread of this process opens the same archive with, as plain data. Absent where only this thread can
   * use the store.
   */
  readonly shared?: SharedDirectory;

  /** Free space of the archive; null where it has no known limit. */
  space(): Promise<DiskSpace | null>;

  /**
   * Moves an object aside, durably and unchanged, and frees its key. The object is kept under
   * `<source>/_walq/replaced/<segment>-<random>.zst`, which never replaces a file and is not listed. Gives that name,
   * relative to the archive; undefined when there is no object. After a crash the object has its key, such a name, or
   * both. Only for `walq repair`, which runs one at a time.
   */
  moveAside(key: ArchiveKey): Promise<string | undefined>;

  /** Removes temporary files of crashed writers that are older than a day; gives the number removed. */
  sweep(source: string): Promise<number>;

  /**
   * Creates the archive's directory where only the last part of its path is missing, then probes; for a first start.
   * `bytes` is how much the probe writes, such as the size of a segment. @default a few
   */
  prepare(bytes?: number): Promise<void>;

  /**
   * Tests that the store can keep these promises; rejects with `store-unsuitable`, `store-read-only` or `store-full`.
   * Never creates the archive: a missing one is not mounted.
   */
  probe(): Promise<void>;
}

/** What became of one staging. */
export type Published = 'published' | 'exists' | WalqError;

/** Publishes one staging. Rejects with its failure. */
export async function publishOne(
  store: Pick<ArchiveStore, 'publish'>,
  staging: Staging,
): Promise<'published' | 'exists'> {
  const [published] = await store.publish([staging]);
  if (published === 'published' || published === 'exists') return published;
  throw published ?? new TypeError(`there is no answer for ${staging.path}`);
}

/** Whether to list the keys of a shard, by the shard's name. */
export type ShardFilter = (shard: string) => boolean;

/**
 * Small JSON records under `<source>/_walq/`. A name consists of letters, digits, `_` and `-`, optionally in one folder,
 * such as `quarantine/ab12`; other names are refused (`usage`).
 */
export interface RecordStore {
  /** Creates a record; `exists` when the name is taken, and then the record is unchanged. Durable either way. */
  create(source: string, name: string, text: string): Promise<'created' | 'exists'>;
  read(source: string, name: string): Promise<string | undefined>;
  /** Names of the records within a folder, such as `quarantine`, without the folder. */
  list(source: string, folder: string): Promise<readonly string[]>;
  /** Removes a record, durably; one that does not exist is not a failure. */
  remove(source: string, name: string): Promise<void>;
}

/**
 * Dictionaries under `<source>/_walq/dictionaries/<sha-256>.dict`, each named by the SHA-256 of its bytes: 64 lowercase
 * hexadecimal digits; other names are refused (`usage`). None is ever replaced or removed, because objects need it.
 */
export interface DictionaryStore {
  /**
   * Stores a dictionary; `exists` when it is stored already. Durable and correct either way: bytes with another SHA-256
   * are refused (`usage`), and different bytes under its name are `dictionary-corrupt`.
   */
  create(source: string, sha256: string, bytes: Uint8Array): Promise<'created' | 'exists'>;
  /**
   * Undefined when there is none. Rejects with `dictionary-corrupt` where the stored bytes have another SHA-256, so that
   * a wrong dictionary is never taken for a damaged object.
   */
  read(source: string, sha256: string): Promise<Uint8Array | undefined>;
  /** The SHA-256 of each, in order. */
  list(source: string): Promise<readonly string[]>;
}

/**
 * For stores that upload staged files. An uploaded object may differ from the staged file, and a staged file whose
 * upload failed is worth keeping, because it need not be compressed again.
 */
export interface ResumableUploads {
  /**
   * Keeps a proven staged file for a later attempt, also of another process. `mark` identifies the state of the source
   * that it is a copy of: at most 160 characters of a-z, 0-9 and `-`.
   */
  saveForRetry(staging: Staging, mark: string): Promise<Staging>;
  /** The staged file that was kept for this key and mark, for this caller only; undefined when there is none. */
  resume(key: ArchiveKey, mark: string): Promise<Staging | undefined>;
  /**
   * Stages an object of at most `bytesMax` bytes in memory, after staging or writing to a file failed for lack of space.
   * Waits while other objects use the memory that a process may use for this. Removes all kept files, because they use
   * the space. Rejects with `store-full` where the object is too large.
   */
  stageInMemory(key: ArchiveKey, bytesMax: number): Promise<Staging>;
}

/** A local file that becomes an object when it is published. */
export interface Staging {
  readonly key: ArchiveKey;
  /** A new name that only this writer uses. */
  readonly path: string;
  /** Holds the object instead of the file; the path only names it then. */
  readonly memory?: MemoryFile | undefined;
  /** Limit of the write rate, where the staged file is in the archive. */
  readonly limit?: ByteLimit | undefined;
}

export interface ObjectStat {
  readonly sizeBytes: number;
  /** Changes when the object is replaced or written to; undefined where the store has none. */
  readonly identity?: string;
}

export interface LocalObject {
  readonly path: string;
  /** Holds the object instead of the file; the path only names it then. */
  readonly memory?: MemoryFile | undefined;
  release(): Promise<void>;
}
