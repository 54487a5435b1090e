import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

const LOOK_MS = 500;
const page = Buffer.alloc(4096, 1);

/** How often a second the device under the directory makes 4 KiB at the end of a file durable. */
export async function fsyncsPerSecond(directory: string, signal: AbortSignal): Promise<number> {
  const path = join(directory, 'fsync-rate');
  const file = await open(path, 'wx');
  try {
    const startedMs = performance.now();
    let done = 0;
    while (performance.now() - startedMs < LOOK_MS) {
      signal.throwIfAborted();
      await file.write(page);
      await file.sync();
      done += 1;
    }
    return (done / (performance.now() - startedMs)) * 1000;
  } finally {
    await file.close();
    await rm(path);
  }
}
