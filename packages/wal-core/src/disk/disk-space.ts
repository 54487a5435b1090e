/** Room on the filesystem that holds a directory, in bytes; `freeBytes` is what an ordinary user can have. */
export interface DiskSpace {
  readonly freeBytes: number;
  readonly sizeBytes: number;
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
