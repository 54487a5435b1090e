import { realpath } from 'node:fs/promises';
import { ifPresent } from '../failure/system-error.ts';
import type { Disk, DiskFile } from './disk.ts';

const SMALL_FILE_BYTES_MAX = 1024 * 1024;

/** Text of a small file; undefined when it does not exist. Reads at most `bytesMax` (default 1 MiB). */
export async function readSmallFile(
  disk: Disk,
  path: string,
  bytesMax = SMALL_FILE_BYTES_MAX,
): Promise<string | undefined> {
  return (await readSmallBytes(disk, path, bytesMax))?.toString('utf8');
}

/** The bytes of a small file; undefined when it does not exist. Reads at most `bytesMax`. */
export async function readSmallBytes(
  disk: Disk,
  path: string,
  bytesMax: number,
): Promise<Buffer | undefined> {
  const file = await ifPresent(disk.openRead(path));
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(Number(size), bytesMax));
    let done = 0;
    for (let got = 1; got > 0 && done < buffer.length; done += got) {
      got = await file.read(buffer.subarray(done), done);
    }
    return buffer.subarray(0, done);
  } finally {
    await file.close();
  }
}

const TEXT_BYTES_MAX = 1024 * 1024;
const PIECE_BYTES = 4096;

/**
 * Text of a file of the set-up (configuration, password, certificates, the kernel's limits); undefined when it does
 * not exist. Unlike segments, these may be symbolic links, as containers mount them, and may report no size, as under
 * /sys. Reads at most 1 MiB.
 */
export async function readLinkedFile(disk: Disk, path: string): Promise<string | undefined> {
  // Only the machine's own disk has links.
  const target = await realpath(path).catch(() => path);
  const file = await ifPresent(disk.openRead(target));
  if (file === undefined) return undefined;
  try {
    return await readToEnd(file);
  } finally {
    await file.close();
  }
}

async function readToEnd(file: DiskFile): Promise<string> {
  const pieces: Buffer[] = [];
  for (let position = 0; position < TEXT_BYTES_MAX;) {
    const piece = Buffer.alloc(PIECE_BYTES);
    const bytes = await file.read(piece, position);
    if (bytes === 0) break;
    pieces.push(piece.subarray(0, bytes));
    position += bytes;
  }
  return Buffer.concat(pieces).toString('utf8');
}
