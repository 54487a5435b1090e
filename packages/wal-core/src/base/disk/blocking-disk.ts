/**
 * The filesystem through Node's blocking calls, for the threads of the pool only: they may block, and must not wait
 * for the few threads that all asynchronous calls of a process share. Only `DiskFile.sync` uses one of those, so that
 * its thread works on during an fsync.
 */
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import type { Disk, DiskFile } from './disk.ts';
import { toDiskSpace, toFileState } from './node-stats.ts';
import { makeDirectories } from './make-directories.ts';

const { O_RDONLY, O_RDWR, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = fs.constants;

/** O_NONBLOCK: opening a pipe must not wait for its writer. */
const READING = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

export const blockingDisk: Disk = {
  openRead: async (path) => wrap(fs.openSync(path, READING)),
  openNew: async (path) => wrap(fs.openSync(path, 'wx+', 0o640)),
  openExisting: async (path) => wrap(fs.openSync(path, O_RDWR | O_NOFOLLOW)),
  lstat: async (path) => {
    const stats = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) throw missing(path);
    return toFileState(stats);
  },
  list,
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

/** As Node's own, without its stack, which takes long to collect: most segments have no object yet. */
function missing(path: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error(`ENOENT: no such file or directory, lstat '${path}'`);
  Error.stackTraceLimit = stackTraceLimit;
  return Object.assign(error, { code: 'ENOENT', syscall: 'lstat', path });
}

const LIST_PIECE_NAMES = 1024;

async function* list(path: string): AsyncGenerator<readonly string[]> {
  const directory = fs.opendirSync(path, { bufferSize: LIST_PIECE_NAMES });
  try {
    for (let names = nextNames(directory); names.length > 0; names = nextNames(directory)) {
      yield names;
    }
  } finally {
    directory.closeSync();
  }
}

function nextNames(directory: fs.Dir): readonly string[] {
  const names: string[] = [];
  while (names.length < LIST_PIECE_NAMES) {
    const entry = directory.readSync();
    if (entry === null) break;
    names.push(entry.name);
  }
  return names;
}

function syncPath(path: string, flags: number): void {
  const descriptor = fs.openSync(path, flags);
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

const fsync = promisify(fs.fsync);

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
