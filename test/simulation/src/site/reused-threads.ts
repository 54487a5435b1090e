/** Threads are made once and lent to one process after another: their buffers are what a history costs most. */
import { type Disk, type Threads, createInlineThreads } from '@walq/wal-core/internal';

class Lent {
  disk: Disk | undefined;
  readonly threads: Threads = createInlineThreads(followingDisk(() => this.#disk()));

  #disk(): Disk {
    if (this.disk === undefined) throw new Error('these threads belong to nobody');
    return this.disk;
  }
}

const idle: Lent[] = [];

export function lendThreads(disk: Disk): {
  readonly threads: Threads;
  readonly returnThreads: () => void;
} {
  const lent = idle.pop() ?? new Lent();
  lent.disk = disk;
  const returnThreads = (): void => {
    // What a process that died was in the middle of never ends.
    if (lent.threads.busy === 0) idle.push(lent);
  };
  return { threads: lent.threads, returnThreads };
}

function followingDisk(disk: () => Disk): Disk {
  return {
    openRead: (path) => disk().openRead(path),
    openNew: (path) => disk().openNew(path),
    openExisting: (path) => disk().openExisting(path),
    lstat: (path) => disk().lstat(path),
    list: (path) => disk().list(path),
    makeDirectory: (path) => disk().makeDirectory(path),
    link: (path, added) => disk().link(path, added),
    rename: (path, to) => disk().rename(path, to),
    unlink: (path) => disk().unlink(path),
    syncDirectory: (path) => disk().syncDirectory(path),
    syncFile: (path) => disk().syncFile(path),
    space: (path) => disk().space(path),
  };
}
