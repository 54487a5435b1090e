/**
 * The filesystem through Node's blocking calls, for the threads of the pool only: they may block, and must not wait
 * for the few threads that all asynchronous calls of a process share.
 *
 * A file's `sync` is the exception: it takes milliseconds, during which this thread can decode what it wrote.
 */
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import type { Disk, DiskFile } from './disk.ts';
import { toDiskSpace, toFileState } from './node-stats.ts';
import { makeDirectories } from './make-directories.ts';

const fsync = promisify(fs.fsync);
const { O_RDONLY, O_RDWR, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = fs.constants;

/** O_NONBLOCK: opening a pipe must not wait for its writer. */
const READING = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

export const blockingDisk: Disk = {
  openRead: async (path) => wrap(fs.openSync(path, READING)),
  openNew: async (path) => wrap(fs.openSync(path, 'wx+', 0o640)),
  openExisting: async (path) => wrap(fs.openSync(path, O_RDWR | O_NOFOLLOW)),
  lstat: async (path) => toFileState(fs.lstatSync(path, { bigint: true })),
  list: async function* (directory) {
    yield fs.readdirSync(directory);
  },
  makeDirectory: (path) =>
    makeDirectories(path, {
      makeOne: async (one) => fs.mkdirSync(one, { mode: 0o750 }),
      isDirectory: async (one) =>
        fs.statSync(one, { throwIfNoEntry: false })?.isDirectory() ?? false,
    }),
  link: async (existing, added) => fs.linkSync(existing, added),
  rename: async (from, to) => fs.renameSync(from, to),
  unlink: async (path) => fs.unlinkSync(path),
  syncDirectory: async (path) => syncPath(path, O_RDONLY | O_DIRECTORY),
  syncFile: async (path) => syncPath(path, READING),
  space: async (directory) => toDiskSpace(fs.statfsSync(directory)),
};

function syncPath(path: string, flags: number): void {
  const descriptor = fs.openSync(path, flags);
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function wrap(descriptor: number): DiskFile {
  return {
    read: async (buffer, position) => fs.readSync(descriptor, buffer, 0, buffer.length, position),
    write: async (buffer, position) => writeWhole(descriptor, buffer, position),
    truncate: async (size) => fs.ftruncateSync(descriptor, size),
    sync: () => fsync(descriptor),
    stat: async () => toFileState(fs.fstatSync(descriptor, { bigint: true })),
    close: async () => fs.closeSync(descriptor),
  };
}

function writeWhole(descriptor: number, buffer: Uint8Array, position: number): void {
  for (let done = 0; done < buffer.length;) {
    done += fs.writeSync(descriptor, buffer, done, buffer.length - done, position + done);
  }
}
