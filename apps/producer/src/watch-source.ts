/**
 * Detects that a source has changed: its watermark file, or its directory if no engine writes a watermark. It polls the
 * filesystem a few times a second, because notifications do not work over network filesystems. The next reconciliation
 * finds a change that polling missed.
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

/** Returns a function that stops it without waiting for a poll that hangs on a dead mount: a poll changes nothing. */
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

/** A source that cannot be read has a constant stamp; reconciling reports why. */
async function stampOf(disk: Disk, path: string): Promise<string> {
  try {
    const { inode, mtimeNs } = await disk.lstat(path);
    return `${inode}:${mtimeNs}`;
  } catch (error) {
    return isMissing(error) ? 'missing' : 'unreadable';
  }
}
