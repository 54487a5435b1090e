import { ifPresent } from '../failure/system-error.ts';
import type { Disk } from './disk.ts';

const SMALL_FILE_BYTES_MAX = 1024 * 1024;

/** Text of a small file, undefined when it is not there. At most `bytesMax` (1 MiB) is ever read. */
export async function readSmallFile(
  disk: Disk,
  path: string,
  bytesMax = SMALL_FILE_BYTES_MAX,
): Promise<string | undefined> {
  return (await readSmallBytes(disk, path, bytesMax))?.toString('utf8');
}

/** The bytes of a small file, undefined when it is not there. At most `bytesMax` are ever read. */
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
