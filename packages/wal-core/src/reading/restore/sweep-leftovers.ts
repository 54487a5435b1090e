/** What a restore that was killed left at its destination. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { discard, isTemporaryName } from '../../base/disk/write-file-durably.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { isMissing } from '../../base/failure/system-error.ts';
import type { SegmentNaming } from '../../source/naming.ts';

/** The file of a restore that is under way grows within this time. */
export const LEFTOVER_WATCH_MS = 3_000;
/** Behind a segment's name: `.`, a UUID and `.tmp`. */
const SUFFIX_CHARACTERS = 41;
/** Of a longer name a temporary one has only the beginning. */
const NAME_CHARACTERS_MAX = 64;

/**
 * Removes the temporary files of segments that nobody writes to: it looks twice, and only waits where there are
 * any. A restore that is only slow and is taken for dead fails, and never gives a file its name that is not whole.
 */
export async function sweepLeftovers(
  disk: Disk,
  directory: string,
  naming: SegmentNaming,
  { signal, watchMs }: { readonly signal: AbortSignal; readonly watchMs: number },
): Promise<number> {
  const before = await leftovers(disk, directory, naming);
  if (before.size === 0) return 0;
  await delay(watchMs, undefined, { signal });
  const now = await leftovers(disk, directory, naming);
  const dead = [...before].filter(([path, state]) => now.get(path) === state);
  for (const [path] of dead) await discard(disk, path);
  return dead.length;
}

/** Path and state of each. */
async function leftovers(
  disk: Disk,
  directory: string,
  naming: SegmentNaming,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const names of disk.list(directory)) {
    for (const name of names.filter((one) => isLeftover(one, naming))) {
      const path = join(directory, name);
      const state = await disk.lstat(path).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
      if (state?.kind === 'file') {
        found.set(path, `${state.inode}:${state.size}:${state.mtimeNs}:${state.ctimeNs}`);
      }
    }
  }
  return found;
}

function isLeftover(fileName: string, naming: SegmentNaming): boolean {
  if (!isTemporaryName(fileName)) return false;
  const segment = fileName.slice(1, -SUFFIX_CHARACTERS);
  return segment.length === NAME_CHARACTERS_MAX || naming.parse(segment) !== undefined;
}
