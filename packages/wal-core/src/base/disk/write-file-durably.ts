import { randomUUID } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type { Disk } from './disk.ts';

/** A temporary name next to `path`: hidden, so that no scan takes it for a segment or an object. */
export const temporaryNameFor = (path: string): string =>
  `${dirname(path)}/.${basename(path).slice(0, 64)}.${randomUUID()}.tmp`;

const temporaryName = /^\..{1,64}\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/s;

/** True for a file name that `temporaryNameFor` makes. */
export const isTemporaryName = (fileName: string): boolean => temporaryName.test(fileName);

/** Replaces a small file atomically: a reader, also after a power cut, sees the old or the new content. */
export async function writeFileDurably(disk: Disk, path: string, text: string): Promise<void> {
  await writeUnless(disk, path, text, async () => undefined);
}

/**
 * As `writeFileDurably`, unless `find` gives a value or fails: then the file is not replaced, and this ends as `find` did,
 * also on a full disk. `find` runs while the new content is written.
 */
export async function writeUnless<T>(
  disk: Disk,
  path: string,
  text: string,
  find: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const temporary = temporaryNameFor(path);
  const writing = writeAndSync(disk, temporary, text);
  const [found, written] = await Promise.allSettled([find(), writing]);
  try {
    if (found.status === 'rejected') throw found.reason;
    if (found.value !== undefined) {
      await discard(disk, temporary);
      return found.value;
    }
    if (written.status === 'rejected') throw written.reason;
    await disk.rename(temporary, path);
  } catch (error) {
    await discard(disk, temporary);
    throw error;
  }
  await disk.syncDirectory(dirname(path));
  return undefined;
}

/** Creates a small file unless the name is taken (EEXIST); whole and durable when it returns. */
export async function createFileDurably(
  disk: Disk,
  path: string,
  contents: string | Uint8Array,
): Promise<void> {
  const temporary = temporaryNameFor(path);
  try {
    await writeAndSync(disk, temporary, contents);
    await disk.link(temporary, path);
  } finally {
    await discard(disk, temporary);
  }
  await disk.syncDirectory(dirname(path));
}

async function writeAndSync(
  disk: Disk,
  path: string,
  contents: string | Uint8Array,
): Promise<void> {
  const file = await disk.openNew(path);
  try {
    await file.write(typeof contents === 'string' ? Buffer.from(contents) : contents, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes a temporary file that may not exist. A file that could not be removed is left for the sweep. */
export async function discard(disk: Disk, path: string): Promise<void> {
  await disk.unlink(path).catch(() => undefined);
}
