/** Threads are made once and lent to one process after another: their buffers are what a history costs most. */
import { type Disk, type Threads, createInlineThreads } from '@walq/wal-core/internal';

class Lent {
  disk: Disk | undefined;
  readonly threads: Threads = createInlineThreads({
    ...followingDisk(() => this.#disk()),
    openNew: (path) => this.#openNew(path),
  });
  /** Staged files that are not closed: a thread begins to fsync one, and does not wait for the end. */
  #open = 0;

  /** What a process that died was in the middle of never ends. */
  get isIdle(): boolean {
    return this.threads.busy === 0 && this.#open === 0;
  }

  #disk(): Disk {
    if (this.disk === undefined) throw new Error('these threads belong to nobody');
    return this.disk;
  }

  async #openNew(path: string): ReturnType<Disk['openNew']> {
    const file = await this.#disk().openNew(path);
    this.#open += 1;
    const close = (): Promise<void> => file.close().finally(() => (this.#open -= 1));
    return { ...file, close };
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
    if (lent.isIdle) idle.push(lent);
  };
  return { threads: lent.threads, returnThreads };
}

function followingDisk(disk: () => Disk): Omit<Disk, 'openNew'> {
  return {
    openRead: (path) => disk().openRead(path),
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
