/**
 * Notices that a source moved: its watermark file, or, where no engine writes one, its directory. It asks
 * the filesystem a few times a second, because notifications do not cross a network filesystem; and a
 * move that is missed is found by the next reconciliation all the same.
 */
import { isMissing, watermarkPath, type Disk, type Source } from '@walq/wal-core';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 250;

/** Resolves when the signal is aborted. */
export async function watchSource(
  disk: Disk,
  source: Source,
  signal: AbortSignal,
  onMoved: () => void,
): Promise<void> {
  const path = source.sealedRule.kind === 'watermark' ? watermarkPath(source) : source.directory;
  let last = await stampOf(disk, path);
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    const now = await stampOf(disk, path);
    if (now !== last) onMoved();
    last = now;
  }
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
