/**
 * Notices that a source moved: its watermark file, or, where no engine writes one, its directory. It asks
 * the filesystem a few times a second, because notifications do not cross a network filesystem; and a
 * move that is missed is found by the next reconciliation all the same.
 */
import {
  isMissing,
  repeat,
  statusDirectory,
  watermarkPath,
  type Disk,
  type Source,
} from '@walq/wal-core/internal';

const POLL_INTERVAL_MS = 250;

/**
 * Gives what stops it. A look that hangs on a dead mount cannot be called back and is left behind: it changes
 * nothing, and a role that waited for it would never end.
 */
export function watchSource(disk: Disk, source: Source, onMoved: () => void): () => void {
  const path = movingPath(source);
  let last: string | undefined;
  let isStopped = false;
  const polls = repeat(async () => {
    const now = await stampOf(disk, path);
    if (last !== undefined && now !== last && !isStopped) onMoved();
    last = now;
    return POLL_INTERVAL_MS;
  });
  return () => {
    isStopped = true;
    polls.stop();
  };
}

function movingPath(source: Source): string {
  const { kind } = source.sealedRule;
  if (kind === 'watermark') return watermarkPath(source);
  return kind === 'ready' ? statusDirectory(source) : source.directory;
}

/** A source that cannot be looked at has no stamp: reconciling says why, and when it is back. */
async function stampOf(disk: Disk, path: string): Promise<string> {
  try {
    const { inode, mtimeNs } = await disk.lstat(path);
    return `${inode}:${mtimeNs}`;
  } catch (error) {
    return isMissing(error) ? 'missing' : 'unreadable';
  }
}
