/**
 * Claims: a file that says that a process is archiving this WAL file, so that a waiting `archive_command` need not
 * archive it itself. Claims save work and guarantee nothing. Whoever made one may have died, or be frozen, so it counts
 * for a few seconds only.
 */
import { join } from 'node:path';
import type { Disk } from '../base/disk/disk.ts';
import { ifPresent, isExisting } from '../base/failure/system-error.ts';
import { walqDirectory, type Source } from '../source/source.ts';

/** How long a claim counts. */
const CLAIM_MS = 5_000;

export const claimDirectory = (source: Source): string => join(walqDirectory(source), 'in-work');

const claimPath = (source: Source, name: string): string => join(claimDirectory(source), name);

/**
 * Runs the work under a claim on each file. Where no claim can be made, the work runs without it. Afterwards removes all
 * claims on these files, also one of a process that died.
 */
export async function claiming<T>(
  disk: Disk,
  source: Source,
  names: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  await claimAll(disk, source, names).catch(() => undefined);
  try {
    return await work();
  } finally {
    for (const name of names) await disk.unlink(claimPath(source, name)).catch(() => undefined);
  }
}

/** Rejects where the disk is full or the directory is gone. */
async function claimAll(disk: Disk, source: Source, names: readonly string[]): Promise<void> {
  await disk.makeDirectory(claimDirectory(source));
  for (const name of names) {
    const file = await disk.openNew(claimPath(source, name)).catch((error: unknown) => {
      if (!isExisting(error)) throw error;
    });
    await file?.close();
  }
}

/** Whether a process has claimed the file a moment ago. */
export async function isClaimed(disk: Disk, source: Source, name: string): Promise<boolean> {
  const state = await ifPresent(disk.lstat(claimPath(source, name)));
  if (state === undefined) return false;
  const ageMs = Date.now() - Number(state.mtimeNs / 1_000_000n);
  // A claim of the future shows that a clock was set, and not how old the claim is.
  return Math.abs(ageMs) < CLAIM_MS;
}
