import type { DiskFile } from '../base/disk/disk.ts';

const PIECE_BYTES = 256 * 1024;

/**
 * The bytes of a file from one offset until another, in order. Each piece is valid only until the
 * next is asked for. Ends early where the file does.
 */
export async function* readPieces(
  file: DiskFile,
  from: number,
  until: number,
): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(PIECE_BYTES, until - from)));
  for (let position = from; position < until;) {
    const bytes = await file.read(buffer.subarray(0, until - position), position);
    if (bytes === 0) return;
    yield buffer.subarray(0, bytes);
    position += bytes;
  }
}

/** The number of bytes in a file. */
export const sizeOf = async (file: DiskFile): Promise<number> => Number((await file.stat()).size);
