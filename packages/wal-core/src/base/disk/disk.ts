/**
 * The one seam between wal-core and the filesystem. Everything walq reads, writes, links, removes or
 * fsyncs goes through a `Disk`, so that a test can fail, delay, record or lose any single call.
 *
 * All functions reject with the system's own error (`code` is the errno). Sizes and offsets are bytes.
 */
export interface Disk {
  /**
   * Opens an existing file for reading, without following a symbolic link at the last step, and without
   * waiting where it is a pipe.
   */
  openRead(path: string): Promise<DiskFile>;
  /** Makes a new file and opens it for reading and writing; EEXIST when the name is taken. */
  openNew(path: string): Promise<DiskFile>;
  /** Opens an existing file for reading and writing, without following a symbolic link. */
  openExisting(path: string): Promise<DiskFile>;
  /** State of the name itself; a symbolic link is not followed. */
  lstat(path: string): Promise<FileState>;
  /** Names in a directory, in pieces, in no order. Memory use does not grow with the directory. */
  list(directory: string): AsyncIterable<readonly string[]>;
  /** Makes a directory and its parents; gives the directories it made itself, outermost first. */
  makeDirectory(path: string): Promise<readonly string[]>;
  /** Gives a file a second name; EEXIST when that is taken. Never replaces. */
  link(existing: string, added: string): Promise<void>;
  /** Moves a name, replacing what stood there. In an archive only onto a name that nobody else can have. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Makes the entries of a directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** Makes the contents of a file durable that someone else may have written. */
  syncFile(path: string): Promise<void>;
  /** Room on the filesystem that holds a directory. */
  space(directory: string): Promise<DiskSpace>;
}

export interface DiskFile {
  /** Reads into the buffer from `position`; gives the number of bytes, 0 at the end of the file. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  /** Writes the whole buffer at `position`. */
  write(buffer: Uint8Array, position: number): Promise<void>;
  truncate(size: number): Promise<void>;
  /** Makes contents and size durable. After a failure the file must be thrown away, never synced again. */
  sync(): Promise<void>;
  stat(): Promise<FileState>;
  close(): Promise<void>;
}

export type FileKind = 'file' | 'directory' | 'symlink' | 'other';

/** What the filesystem says of a file. Times are nanoseconds since 1970. */
export interface FileState {
  readonly kind: FileKind;
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** The filesystem that holds a directory, in bytes; `freeBytes` is what an ordinary user can have. */
export interface DiskSpace {
  readonly freeBytes: number;
  readonly sizeBytes: number;
  /** The same text for two directories of one filesystem, on one host; absent where it cannot be told. */
  readonly filesystem?: string | undefined;
  /** The filesystem is mounted read-only. */
  readonly isReadOnly?: boolean | undefined;
}

/** The system gave a name that is not UTF-8: what cannot be read in it stands here as U+FFFD. */
export const isMisread = (name: string): boolean => name.includes('\uFFFD');
