/** A lock between processes on one machine or one share: a file that only one of them can create. */
import { setTimeout } from 'node:timers/promises';
import type { Disk, FileState } from '../disk/disk.ts';
import { isExisting, ifPresent } from '../failure/system-error.ts';
import { WalqError } from '../failure/walq-error.ts';

/** A lock that is older belongs to a process that has died: none holds it for so long. */
const ABANDONED_MS = 5_000;
const WAIT_MS_MAX = 60_000;
const PAUSE_MS = 5;

/**
 * Runs the work while this process holds the lock. A slow holder can be taken for dead, and then two processes run at
 * the same time: correctness must not depend on this lock.
 */
export async function underLock<T>(disk: Disk, path: string, work: () => Promise<T>): Promise<T> {
  await take(disk, path);
  try {
    return await work();
  } finally {
    await remove(disk, path);
  }
}

async function take(disk: Disk, path: string): Promise<void> {
  const watch = new HolderWatch();
  for (const startedMs = performance.now(); ;) {
    if (await tryTake(disk, path)) return;
    if (watch.isAbandoned(await holderOf(disk, path))) await remove(disk, path);
    if (performance.now() - startedMs > WAIT_MS_MAX) throw stuck(path);
    await setTimeout(PAUSE_MS * (1 + Math.random()));
  }
}

async function tryTake(disk: Disk, path: string): Promise<boolean> {
  try {
    const file = await disk.openNew(path);
    await file.close();
    return true;
  } catch (error) {
    if (isExisting(error)) return false;
    throw error;
  }
}

async function holderOf(disk: Disk, path: string): Promise<FileState | undefined> {
  return ifPresent(disk.lstat(path));
}

async function remove(disk: Disk, path: string): Promise<void> {
  await ifPresent(disk.unlink(path));
}

/** Detects a dead holder by the time that passes on this machine: clocks of other machines are not trusted. */
class HolderWatch {
  #holder: string | undefined;
  #sinceMs = 0;

  isAbandoned(state: FileState | undefined): boolean {
    const holder = state && `${state.inode}:${state.ctimeNs}`;
    if (holder === this.#holder) return holder !== undefined && this.#ageMs() > ABANDONED_MS;
    this.#holder = holder;
    this.#sinceMs = performance.now();
    return false;
  }

  #ageMs(): number {
    return performance.now() - this.#sinceMs;
  }
}

const stuck = (path: string): WalqError =>
  new WalqError('source-io', {
    message: `unable to take the lock ${path} within ${WAIT_MS_MAX / 1000} s`,
    hint: 'If no walq process is running, remove the file.',
  });
