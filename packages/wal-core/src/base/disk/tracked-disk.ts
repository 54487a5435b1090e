/**
 * A disk that records which of its calls have not returned. On a mount whose server is down a call may never return
 * and cannot be ended. walq can only report it.
 */
import type { Disk, DiskFile } from './disk.ts';

export interface PendingCall {
  readonly what: string;
  readonly path: string;
  /** By `performance.now()`. */
  readonly sinceMs: number;
}

export interface TrackedDisk extends Disk {
  /** The oldest call at or below one of these directories that has not returned. */
  oldestPending(directories: readonly string[]): PendingCall | undefined;
}

export function trackDisk(disk: Disk): TrackedDisk {
  // In the order of their start.
  const pending = new Set<PendingCall>();
  const track = async <T>(what: string, path: string, call: () => Promise<T>): Promise<T> => {
    const one = { what, path, sinceMs: performance.now() };
    pending.add(one);
    try {
      return await call();
    } finally {
      pending.delete(one);
    }
  };
  const opened = async (path: string, open: () => Promise<DiskFile>): Promise<DiskFile> =>
    trackFile(await track('opening', path, open), path, track);
  return {
    openRead: (path) => opened(path, () => disk.openRead(path)),
    openNew: (path) => opened(path, () => disk.openNew(path)),
    openExisting: (path) => opened(path, () => disk.openExisting(path)),
    lstat: (path) => track('reading the state of', path, () => disk.lstat(path)),
    list: (directory) => trackList(disk.list(directory), directory, track),
    makeDirectory: (path) => track('making', path, () => disk.makeDirectory(path)),
    link: (existing, added) => track('linking', added, () => disk.link(existing, added)),
    rename: (from, to) => track('renaming', to, () => disk.rename(from, to)),
    unlink: (path) => track('removing', path, () => disk.unlink(path)),
    syncDirectory: (path) => track('syncing', path, () => disk.syncDirectory(path)),
    syncFile: (path) => track('syncing', path, () => disk.syncFile(path)),
    space: (path) => track('reading the free space of', path, () => disk.space(path)),
    oldestPending: (directories) => {
      for (const one of pending) {
        if (directories.some((directory) => isWithin(one.path, directory))) return one;
      }
      return undefined;
    },
  };
}

type Track = <T>(what: string, path: string, call: () => Promise<T>) => Promise<T>;

const trackFile = (file: DiskFile, path: string, track: Track): DiskFile => ({
  read: (buffer, position) => track('reading', path, () => file.read(buffer, position)),
  write: (buffer, position) => track('writing', path, () => file.write(buffer, position)),
  truncate: (size) => track('truncating', path, () => file.truncate(size)),
  sync: () => track('syncing', path, () => file.sync()),
  stat: () => track('reading the state of', path, () => file.stat()),
  close: () => track('closing', path, () => file.close()),
});

/** No call is pending while the reader works on a piece. */
async function* trackList(
  list: AsyncIterable<readonly string[]>,
  directory: string,
  track: Track,
): AsyncGenerator<readonly string[]> {
  const pieces = list[Symbol.asyncIterator]();
  try {
    for (;;) {
      const piece = await track('listing', directory, () => pieces.next());
      if (piece.done === true) return;
      yield piece.value;
    }
  } finally {
    await pieces.return?.();
  }
}

const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
