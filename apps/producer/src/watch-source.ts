/**
 * Notices that a source moved: its watermark file, or, where no engine writes one, its directory. It asks
 * the filesystem a few times a second, because notifications do not cross a network filesystem; and a
 * move that is missed is found by the next reconciliation all the same.
 */
import {
  isMissing,
  statusDirectory,
  watermarkPath,
  type Disk,
  type Source,
} from '@walq/wal-core/internal';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 250;

/**
 * Resolves when the signal is aborted. A look that hangs on a dead mount cannot be called back and is left
 * behind: it changes nothing, and a role that waited for it would never end.
 */
export async function watchSource(
  disk: Disk,
  source: Source,
  signal: AbortSignal,
  onMoved: () => void,
): Promise<void> {
  if (signal.aborted) return;
  // Both for the whole time, because a race for each look would pile up listeners on one signal.
  await Promise.race([once(signal, 'abort'), watchUntil(disk, source, signal, onMoved)]);
}

async function watchUntil(
  disk: Disk,
  source: Source,
  signal: AbortSignal,
  onMoved: () => void,
): Promise<void> {
  const path = movingPath(source);
  let last = await stampOf(disk, path);
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const now = await stampOf(disk, path);
    if (now !== last && !signal.aborted) onMoved();
    last = now;
  }
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
