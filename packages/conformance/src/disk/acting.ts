/** Helpers of the disk tests. */
import assert from 'node:assert/strict';
import { errnoOf, type Disk } from '@walq/wal-core/internal';

/** Writes a new file; with `sync` its content is durable, but not its name. */
export async function write(disk: Disk, path: string, text: string, sync = false): Promise<void> {
  const file = await disk.openNew(path);
  await file.write(Buffer.from(text), 0);
  if (sync) await file.sync();
  await file.close();
}

/** Text of a file; undefined when it does not exist. */
export async function read(disk: Disk, path: string): Promise<string | undefined> {
  const opened = await disk.openRead(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (opened === undefined) return undefined;
  const buffer = Buffer.alloc(1024 * 1024);
  const bytes = await opened.read(buffer, 0);
  await opened.close();
  return buffer.toString('latin1', 0, bytes);
}

export async function namesIn(disk: Disk, directory: string): Promise<string[]> {
  const names: string[] = [];
  for await (const piece of disk.list(directory)) names.push(...piece);
  return names.toSorted();
}

export const rejects = (work: Promise<unknown>, ...codes: string[]): Promise<void> =>
  assert.rejects(work, (error: unknown) => {
    assert.ok(codes.includes(errnoOf(error) ?? ''), `${String(error)}, expected ${codes.join()}`);
    return true;
  });
