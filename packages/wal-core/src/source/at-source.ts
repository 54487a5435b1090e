import { isMisread, type Disk, type FileState } from '../base/disk/disk.ts';
import { ifPresent, sourceFailure } from '../base/failure/system-error.ts';
import type { SegmentName } from './segment-name.ts';
import { segmentPath, type Source } from './source.ts';

/** State of a segment's file; undefined where it does not exist. */
export async function stateAtSource(
  disk: Pick<Disk, 'lstat'>,
  source: Source,
  segment: SegmentName,
): Promise<FileState | undefined> {
  const path = segmentPath(source, segment.name);
  return ifPresent(disk.lstat(path), (error) => sourceFailure(`stat ${path}`, error));
}

export const isAtSource = async (
  disk: Pick<Disk, 'lstat' | 'list'>,
  source: Source,
  segment: SegmentName,
): Promise<boolean> =>
  (await stateAtSource(disk, source, segment)) !== undefined ||
  (isMisread(segment.name) && (await isListed(disk, source, segment.name)));

/** A file whose name is not UTF-8 cannot be opened by path; only the listing of its directory shows it. */
async function isListed(
  disk: Pick<Disk, 'list'>,
  { directory }: Source,
  name: string,
): Promise<boolean> {
  try {
    for await (const names of disk.list(directory)) if (names.includes(name)) return true;
    return false;
  } catch (error) {
    throw sourceFailure(`list ${directory}`, error);
  }
}
