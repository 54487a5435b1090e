/**
 * The interface between wal-core and the filesystem. Every read, write, link, removal and fsync goes through a
 * `Disk`, so that a test can fail, delay, record or lose any single call.
 *
 * All functions reject with the system's own error, whose `code` is the errno. Sizes and offsets are in bytes.
 */
export interface Disk {
  /**
   * Opens an existing file for reading. Does not follow a symbolic link in the last part of the path, and does not
   * wait where the file is a pipe.
   */
  openRead(path: string): Promise<DiskFile>;
  /** Creates a file and opens it for reading and writing; EEXIST when the name is taken. */
  openNew(path: string): Promise<DiskFile>;
  /** Opens an existing file for reading and writing, without following a symbolic link. */
  openExisting(path: string): Promise<DiskFile>;
  /** State of the path itself; a symbolic link is not followed. */
  lstat(path: string): Promise<FileState>;
  /** Names in a directory, in pieces, unordered. Memory use does not grow with the directory. */
  list(directory: string): AsyncIterable<readonly string[]>;
  /** Creates a directory and its parents; gives the directories that it created, outermost first. */
  makeDirectory(path: string): Promise<readonly string[]>;
  /** Gives a file a second name; EEXIST when that is taken. Never replaces. */
  link(existing: string, added: string): Promise<void>;
  /** Renames a file, replacing an existing one. In an archive the new name must be unique. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Makes the entries of a directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** Makes the contents of a file durable that another process may have written. */
  syncFile(path: string): Promise<void>;
  /** Free space of the filesystem that holds a directory. */
  space(directory: string): Promise<DiskSpace>;
}

export interface DiskFile {
  /** Reads into the buffer from `position`; gives the number of bytes, 0 at the end of the file. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  /** Writes the whole buffer at `position`. */
  write(buffer: Uint8Array, position: number): Promise<void>;
  truncate(size: number): Promise<void>;
  /** Makes contents and size durable. After a failure the file must be discarded, never synced again. */
  sync(): Promise<void>;
  stat(): Promise<FileState>;
  close(): Promise<void>;
}

export type FileKind = 'file' | 'directory' | 'symlink' | 'other';

/** State of a file. Times are nanoseconds since 1970. */
export interface FileState {
  readonly kind: FileKind;
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** Space of the filesystem that holds a directory; `freeBytes` is what an ordinary user can allocate. */
export interface DiskSpace {
  readonly freeBytes: number;
  readonly sizeBytes: number;
  /** Identifies the filesystem on this host: equal for two directories of one filesystem. Absent where unknown. */
  readonly filesystem?: string | undefined;
  /** The filesystem is mounted read-only. */
  readonly isReadOnly?: boolean | undefined;
}

/** Whether the system's name of a file is not UTF-8. Bytes that do not decode appear as U+FFFD. */
export const isMisread = (name: string): boolean => name.includes('\uFFFD');
