import { errnoOf } from '../failure/system-error.ts';
import type { Disk } from './disk.ts';

const PATH = '/proc/sys/kernel/random/boot_id';
const BYTES_MAX = 64;

/** Identifies a boot of a machine; the same in all its containers. Undefined where the system has none. */
export async function bootId(disk: Disk): Promise<string | undefined> {
  const file = await disk.openRead(PATH).catch((error: unknown) => {
    if (errnoOf(error) !== undefined) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const buffer = Buffer.alloc(BYTES_MAX);
    return buffer.toString('latin1', 0, await file.read(buffer, 0));
  } finally {
    await file.close();
  }
}
