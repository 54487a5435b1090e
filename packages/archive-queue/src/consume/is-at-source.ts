import { segmentPath, type Disk, type Source } from '@walq/wal-core';

export interface SourcePlace {
  readonly source: Source;
  readonly disk: Pick<Disk, 'lstat'>;
}

/** Whether a segment that a job names is there. Where it cannot be looked at, it is not known to be. */
export async function isAtSource({ source, disk }: SourcePlace, segment: string): Promise<boolean> {
  if (source.naming.parse(segment) === undefined) return false;
  const state = await disk.lstat(segmentPath(source, segment)).catch(() => undefined);
  return state !== undefined;
}
