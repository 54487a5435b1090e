/** A disk on which every file is the input, but those that were written. */
import type { Disk, DiskFile, FileState } from '@walq/wal-core/internal';

const stateOf = (bytes: Buffer): FileState => ({
  kind: 'file',
  device: 1n,
  inode: 1n,
  size: BigInt(bytes.length),
  mtimeNs: 0n,
  ctimeNs: 0n,
});

/** `listed` is what each directory holds. */
export function inputDisk(input: Buffer, listed: readonly string[] = []): Disk {
  const written = new Map<string, Buffer>();
  const bytesOf = (path: string): Buffer => written.get(path) ?? input;
  const opened = (path: string): DiskFile => ({
    read: async (buffer, position) => bytesOf(path).copy(buffer, 0, position),
    write: async (buffer, position) => {
      written.set(path, Buffer.concat([bytesOf(path).subarray(0, position), buffer]));
    },
    truncate: async (size) => {
      written.set(path, bytesOf(path).subarray(0, size));
    },
    sync: async () => undefined,
    stat: async () => stateOf(bytesOf(path)),
    close: async () => undefined,
  });
  return {
    openRead: async (path) => opened(path),
    openNew: async (path) => {
      written.set(path, Buffer.alloc(0));
      return opened(path);
    },
    openExisting: async (path) => {
      written.set(path, Buffer.alloc(0));
      return opened(path);
    },
    lstat: async (path) => stateOf(bytesOf(path)),
    list: async function* () {
      yield listed;
    },
    makeDirectory: async () => [],
    link: async () => undefined,
    rename: async () => undefined,
    unlink: async () => undefined,
    syncDirectory: async () => undefined,
    syncFile: async () => undefined,
    space: async () => ({ freeBytes: 2 ** 40, sizeBytes: 2 ** 40 }),
  };
}
