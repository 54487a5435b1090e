/** The filesystem through Node's asynchronous calls, for the main thread, which must never block. */
import { hostname } from 'node:os';
import { lstat } from 'node:fs';
import { constants, opendir } from 'node:fs/promises';
import * as fs from 'node:fs/promises';
import type { Disk, DiskFile, FileState, DiskSpace } from './disk.ts';
import { promisify } from 'node:util';
import { errnoOf } from '../failure/system-error.ts';
import { toDiskSpace, toFileState } from './node-stats.ts';
import { makeDirectories } from './make-directories.ts';

/** O_NONBLOCK: opening a pipe must not wait for its writer. */
const READING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const LIST_PIECE_NAMES = 1024;

/** A producer calls it for each segment, and that of `node:fs/promises` takes 40% more CPU. */
const lstatOf = promisify(lstat);

export const nodeDisk: Disk = {
  openRead: async (path) => wrap(await fs.open(path, READING)),
  openNew: async (path) => wrap(await fs.open(path, 'wx+', 0o640)),
  openExisting: async (path) => wrap(await fs.open(path, constants.O_RDWR | constants.O_NOFOLLOW)),
  lstat: async (path) => toFileState(await lstatOf(path, { bigint: true })),
  list,
  makeDirectory: (path) =>
    makeDirectories(path, { makeOne: (one) => fs.mkdir(one, { mode: 0o750 }), isDirectory }),
  link: (existing, added) => fs.link(existing, added),
  rename: (from, to) => fs.rename(from, to),
  unlink: (path) => fs.unlink(path),
  syncDirectory: (path) => syncPath(path, constants.O_RDONLY | constants.O_DIRECTORY),
  syncFile: (path) => syncPath(path, READING),
  space,
};

/** Writes nothing: `access` reports a filesystem that is mounted read-only. */
async function space(directory: string): Promise<DiskSpace> {
  const [stats, { dev }] = await Promise.all([fs.statfs(directory), fs.stat(directory)]);
  const refusal = await fs.access(directory, constants.W_OK).catch((error: unknown) => error);
  return {
    ...toDiskSpace(stats),
    filesystem: `${hostname()}:${dev}`,
    isReadOnly: errnoOf(refusal) === 'EROFS',
  };
}

const isDirectory = (path: string): Promise<boolean> =>
  fs.stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );

async function* list(directory: string): AsyncGenerator<readonly string[]> {
  let names: string[] = [];
  for await (const entry of await opendir(directory, { bufferSize: LIST_PIECE_NAMES })) {
    names.push(entry.name);
    if (names.length === LIST_PIECE_NAMES) {
      yield names;
      names = [];
    }
  }
  yield names;
}

async function syncPath(path: string, flags: number): Promise<void> {
  const handle = await fs.open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function wrap(handle: fs.FileHandle): DiskFile {
  return {
    read: async (buffer, position) =>
      (await handle.read(buffer, 0, buffer.length, position)).bytesRead,
    write: (buffer, position) => writeWhole(handle, buffer, position),
    truncate: (size) => handle.truncate(size),
    sync: () => handle.sync(),
    stat: async (): Promise<FileState> => toFileState(await handle.stat({ bigint: true })),
    close: () => handle.close(),
  };
}

async function writeWhole(handle: fs.FileHandle, buffer: Uint8Array, position: number) {
  for (let done = 0; done < buffer.length;) {
    const { bytesWritten } = await handle.write(
      buffer,
      done,
      buffer.length - done,
      position + done,
    );
    done += bytesWritten;
  }
}
