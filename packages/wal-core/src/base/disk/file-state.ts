import type { BigIntStats } from 'node:fs';
import type { FileKind, FileState } from './disk.ts';

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
