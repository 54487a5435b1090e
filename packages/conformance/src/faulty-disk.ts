/** A `Disk` of which a test can observe, delay or fail each call. */
import type { Disk, DiskFile } from '@walq/wal-core/internal';

export type DiskOperation = keyof Disk | `file.${keyof DiskFile}`;

export interface DiskCall {
  readonly operation: DiskOperation;
  /** The path of the call; for calls on a file, the path that it was opened by. */
  readonly path: string;
  /** The second path of `link` and `rename`. */
  readonly to?: string;
  /** Running number of the call on this disk, from 1. */
  readonly number: number;
}

interface FaultyDiskOptions {
  /** Called before a call takes effect. If it throws, the call is not made and the caller gets the error. */
  readonly onCall?: (call: DiskCall) => void | Promise<void>;
  /** Called after a call took effect. If it throws, the caller gets the error, as if the answer were lost. */
  readonly onDone?: (call: DiskCall) => void | Promise<void>;
}

/** Wraps a disk. A `close` that is made to fail still closes the file, as the system does. */
export function faultyDisk(disk: Disk, options: FaultyDiskOptions): Disk {
  const hooks = new Hooks(options);
  const on =
    <T>(operation: keyof Disk, make: (path: string) => Promise<T>) =>
    (path: string): Promise<T> =>
      hooks.around({ operation, path }, () => make(path));
  const onTwo =
    (operation: 'link' | 'rename') =>
    (path: string, to: string): Promise<void> =>
      hooks.around({ operation, path, to }, () => disk[operation](path, to));
  const opening =
    (operation: 'openRead' | 'openNew' | 'openExisting') =>
    (path: string): Promise<DiskFile> =>
      openFaulty(operation, path, () => disk[operation](path), hooks);
  return {
    openRead: opening('openRead'),
    openNew: opening('openNew'),
    openExisting: opening('openExisting'),
    lstat: on('lstat', (path) => disk.lstat(path)),
    list: async function* (directory) {
      await hooks.around({ operation: 'list', path: directory }, async () => {});
      yield* disk.list(directory);
    },
    makeDirectory: on('makeDirectory', (path) => disk.makeDirectory(path)),
    link: onTwo('link'),
    rename: onTwo('rename'),
    unlink: on('unlink', (path) => disk.unlink(path)),
    syncDirectory: on('syncDirectory', (path) => disk.syncDirectory(path)),
    syncFile: on('syncFile', (path) => disk.syncFile(path)),
    space: on('space', (path) => disk.space(path)),
  };
}

/** Closes the file when `onDone` fails its opening, because the caller never gets it. */
async function openFaulty(
  operation: keyof Disk,
  path: string,
  open: () => Promise<DiskFile>,
  hooks: Hooks,
): Promise<DiskFile> {
  let file: DiskFile | undefined;
  try {
    return await hooks.around({ operation, path }, async () => {
      file = await open();
      return faultyFile(file, path, hooks);
    });
  } catch (error) {
    await file?.close();
    throw error;
  }
}

function faultyFile(file: DiskFile, path: string, hooks: Hooks): DiskFile {
  const on = <T>(name: keyof DiskFile, make: () => Promise<T>): Promise<T> =>
    hooks.around({ operation: `file.${name}`, path }, make);
  return {
    read: (buffer, position) => on('read', () => file.read(buffer, position)),
    write: (buffer, position) => on('write', () => file.write(buffer, position)),
    truncate: (size) => on('truncate', () => file.truncate(size)),
    sync: () => on('sync', () => file.sync()),
    stat: () => on('stat', () => file.stat()),
    close: async () => {
      let closed = false;
      const close = async (): Promise<void> => {
        closed = true;
        await file.close();
      };
      try {
        await on('close', close);
      } finally {
        if (!closed) await file.close();
      }
    },
  };
}

class Hooks {
  readonly #options: FaultyDiskOptions;
  #calls = 0;

  constructor(options: FaultyDiskOptions) {
    this.#options = options;
  }

  async around<T>(call: Omit<DiskCall, 'number'>, make: () => Promise<T>): Promise<T> {
    this.#calls += 1;
    const numbered = { ...call, number: this.#calls };
    await this.#options.onCall?.(numbered);
    const result = await make();
    await this.#options.onDone?.(numbered);
    return result;
  }
}

/** An error like the system's, for example `systemError('EIO', call)`. */
export function systemError(code: string, call: DiskCall): Error {
  return Object.assign(new Error(`${code}: injected, ${call.operation} '${call.path}'`), {
    code,
    syscall: call.operation,
    path: call.path,
  });
}

/** For `onCall` or `onDone`: fails the call with this number. */
export const failCall =
  (number: number, code: string) =>
  (call: DiskCall): void => {
    if (call.number === number) throw systemError(code, call);
  };

/** For `onCall` or `onDone`: fails every call of this kind whose path matches. */
export const failOperation =
  (operation: DiskOperation, code: string, path: RegExp = /^/) =>
  (call: DiskCall): void => {
    if (call.operation === operation && path.test(call.path)) throw systemError(code, call);
  };
