import { isMissing, type Disk } from '@walq/wal-core/internal';

/** A new file, and all that leads to it, durable. */
export async function putDurably(disk: Disk, path: string, text: string): Promise<void> {
  const file = await disk.openNew(path);
  await file.write(Buffer.from(text), 0);
  await file.sync();
  await file.close();
  await disk.syncDirectory(path.slice(0, path.lastIndexOf('/')));
}

/** Text of a file; undefined when it does not exist. */
export async function textAt(disk: Disk, path: string): Promise<string | undefined> {
  const file = await disk.openRead(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  const buffer = Buffer.alloc(64 * 1024);
  const bytes = await file.read(buffer, 0);
  await file.close();
  return buffer.toString('utf8', 0, bytes);
}

/** Names in a directory that are no temporary ones; none where there is no such directory. */
export async function finalNames(disk: Disk, directory: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const piece of disk.list(directory)) names.push(...piece);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return names.filter((name) => !name.startsWith('.')).toSorted();
}
