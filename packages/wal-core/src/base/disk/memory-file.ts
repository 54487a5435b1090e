/**
 * A file in memory that the threads of a process share, for uploading an object while no disk has space for it. The
 * first 8 bytes hold its length.
 */
import type { DiskFile } from './disk.ts';

export type MemoryFile = SharedArrayBuffer;

const HEADER_BYTES = 8;

/** An empty file. Only what is written to it takes memory. */
export const newMemoryFile = (bytesMax: number): MemoryFile =>
  new SharedArrayBuffer(HEADER_BYTES + bytesMax);

/** For one writer or any number of readers at a time. */
export function openMemoryFile(memory: MemoryFile): DiskFile {
  const length = new BigInt64Array(memory, 0, 1);
  const content = new Uint8Array(memory, HEADER_BYTES);
  const bytes = (): number => Number(Atomics.load(length, 0));
  return {
    read: async (buffer, position) => {
      const there = content.subarray(position, Math.max(position, bytes()));
      const piece = there.subarray(0, buffer.length);
      buffer.set(piece);
      return piece.length;
    },
    write: async (buffer, position) => {
      const end = position + buffer.length;
      if (end > content.length) throw noSpace(content.length);
      content.set(buffer, position);
      Atomics.store(length, 0, BigInt(Math.max(end, bytes())));
    },
    truncate: async (size) => {
      Atomics.store(length, 0, BigInt(size));
    },
    sync: async () => undefined,
    stat: async () => ({
      kind: 'file',
      device: 0n,
      inode: 0n,
      size: BigInt(bytes()),
      mtimeNs: 0n,
      ctimeNs: 0n,
    }),
    close: async () => undefined,
  };
}

const noSpace = (bytesMax: number): Error =>
  Object.assign(new Error(`ENOSPC: no more than ${bytesMax} bytes fit into memory`), {
    code: 'ENOSPC',
  });
