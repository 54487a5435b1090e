/** The filesystem that holds a directory, in bytes; `freeBytes` is what an ordinary user can have. */
export interface DiskSpace {
  readonly freeBytes: number;
  readonly sizeBytes: number;
  /** The same text for two directories of one filesystem, on one host; absent where it cannot be told. */
  readonly filesystem?: string | undefined;
  /** The filesystem is mounted read-only. */
  readonly isReadOnly?: boolean | undefined;
}

interface FilesystemStats {
  readonly bsize: number;
  readonly blocks: number;
  readonly bavail: number;
}

export const toDiskSpace = ({ bsize, blocks, bavail }: FilesystemStats): DiskSpace => ({
  freeBytes: bavail * bsize,
  sizeBytes: blocks * bsize,
});
