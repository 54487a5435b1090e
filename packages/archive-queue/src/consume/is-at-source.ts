import { isAtSource as isThere, type Disk, type Source } from '@walq/wal-core';

export interface SourcePlace {
  readonly source: Source;
  readonly disk: Pick<Disk, 'lstat' | 'list'>;
}

/** Whether a segment that a job names is there. Where it cannot be looked at, it is not known to be. */
export async function isAtSource({ source, disk }: SourcePlace, name: string): Promise<boolean> {
  const segment = source.naming.parse(name);
  return segment !== undefined && (await isThere(disk, source, segment).catch(() => false));
}
