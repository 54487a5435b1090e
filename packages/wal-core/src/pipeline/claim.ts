/**
 * Claims: a file that says that a process is archiving this WAL file, so that a waiting `archive_command` need not
 * archive it
 * itself. Claims save work and guarantee nothing: a stale one costs a short wait.
 */
import { join } from 'node:path';
import type { Disk } from '../base/disk/disk.ts';
import { ifPresent } from '../base/failure/system-error.ts';
import { walqDirectory, type Source } from '../source/source.ts';

const FOLDER = 'in-work';

const claimPath = (source: Source, name: string): string =>
  join(walqDirectory(source), FOLDER, name);

/** Runs the work under a claim on each file. Where no claim can be made, the work runs without it. */
export async function claiming<T>(
  disk: Disk,
  source: Source,
  names: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const own = await claimAll(disk, source, names);
  try {
    return await work();
  } finally {
    for (const name of own) await disk.unlink(claimPath(source, name)).catch(() => undefined);
  }
}

/** Those that were claimed. None where the disk is full or the directory is gone: the work matters more. */
async function claimAll(disk: Disk, source: Source, names: readonly string[]): Promise<string[]> {
  const claimed: string[] = [];
  try {
    await disk.makeDirectory(join(walqDirectory(source), FOLDER));
  } catch {
    return claimed;
  }
  for (const name of names) if (await tryClaim(disk, source, name)) claimed.push(name);
  return claimed;
}

async function tryClaim(disk: Disk, source: Source, name: string): Promise<boolean> {
  try {
    const file = await disk.openNew(claimPath(source, name));
    await file.close();
    return true;
  } catch {
    return false;
  }
}

/** Distinguishes one claim on a file from the next; undefined when there is no claim. */
export async function claimOn(
  disk: Disk,
  source: Source,
  name: string,
): Promise<string | undefined> {
  const state = await ifPresent(disk.lstat(claimPath(source, name)));
  return state && `${state.inode}:${state.ctimeNs}`;
}
