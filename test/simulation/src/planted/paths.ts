import type { Disk } from '@walq/wal-core/internal';

const uuid = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\.tmp$)/;

export const isTemporary = (path: string): boolean => path.endsWith('.tmp');

export const withoutUuid = (path: string): string => path.replace(uuid, '');

export const notIn = (directory: string, path: string): boolean => !path.startsWith(directory);

/** Whether a directory holds objects. */
export const isShard = (path: string): boolean => /^\/archive\/store\/source-\d+\/\d+$/.test(path);

/** Where the segment of an object came from; undefined for a path that is no object's. */
export function sourcePathOf(objectPath: string): string | undefined {
  const found = /^\/archive\/store\/source-(\d+)\/\d+\/(wal-[^/]*)\.zst$/.exec(objectPath);
  return found === null ? undefined : `/wal-${found[1]}/${found[2]}`;
}

export async function contentsOf(file: Awaited<ReturnType<Disk['openRead']>>): Promise<Buffer> {
  const buffer = Buffer.alloc(Number((await file.stat()).size));
  await file.read(buffer, 0);
  return buffer;
}
