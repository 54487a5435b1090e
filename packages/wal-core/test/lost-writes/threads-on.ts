/** One thread's worth of buffers for all: thousands of cuts are checked, one after another. */
import { type Disk, type Threads, createInlineThreads } from '@walq/wal-core/internal';

let now: Disk | undefined;

const at = (): Disk => {
  if (now === undefined) throw new Error('no disk was named');
  return now;
};

const shared = createInlineThreads({
  openRead: (path) => at().openRead(path),
  openNew: (path) => at().openNew(path),
  openExisting: (path) => at().openExisting(path),
  lstat: (path) => at().lstat(path),
  list: (path) => at().list(path),
  makeDirectory: (path) => at().makeDirectory(path),
  link: (path, added) => at().link(path, added),
  rename: (path, to) => at().rename(path, to),
  unlink: (path) => at().unlink(path),
  syncDirectory: (path) => at().syncDirectory(path),
  syncFile: (path) => at().syncFile(path),
  space: (path) => at().space(path),
});

/** Works on this disk until it is asked for another. */
export function threadsOn(disk: Disk): Threads {
  now = disk;
  return shared;
}
