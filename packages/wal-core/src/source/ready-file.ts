/** PostgreSQL's `archive_status/<name>.ready`: walq reads these files, and never creates, renames or removes one. */
import { join } from 'node:path';
import type { Disk } from '../base/disk/disk.ts';
import { ifPresent, sourceFailure } from '../base/failure/system-error.ts';
import { statusDirectory, type Source } from './source.ts';

const SUFFIX = '.ready';

/** The WAL file that a `.ready` file names; undefined for any other file of `archive_status`. */
export const readyName = (fileName: string): string | undefined =>
  fileName.endsWith(SUFFIX) ? fileName.slice(0, -SUFFIX.length) : undefined;

export async function isReady(disk: Disk, source: Source, name: string): Promise<boolean> {
  const path = join(statusDirectory(source), `${name}${SUFFIX}`);
  const state = await ifPresent(disk.lstat(path), (error) => sourceFailure(`stat ${path}`, error));
  return state !== undefined;
}
