/** Converts the results of Node's own calls to those of a `Disk`. */
import type { BigIntStats } from 'node:fs';
import type { DiskSpace, FileKind, FileState } from './disk.ts';

export function toFileState(stats: BigIntStats): FileState {
  return {
    kind: kindOf(stats),
    device: stats.dev,
    inode: stats.ino,
    size: stats.size,
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
  };
}

function kindOf(stats: BigIntStats): FileKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
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
