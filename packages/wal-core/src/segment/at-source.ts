import type { Disk, FileState } from '../disk/index.ts';
import { isMissing, sourceFailure } from '../failure/index.ts';
import type { SegmentName } from './segment-name.ts';
import { segmentPath, type Source } from './source.ts';

/** State of a segment's file; undefined when there is none. */
export async function stateAtSource(
  disk: Disk,
  source: Source,
  segment: SegmentName,
): Promise<FileState | undefined> {
  const path = segmentPath(source, segment.name);
  try {
    return await disk.lstat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw sourceFailure(`look at ${path}`, error);
  }
}

export const isAtSource = async (
  disk: Disk,
  source: Source,
  segment: SegmentName,
): Promise<boolean> => (await stateAtSource(disk, source, segment)) !== undefined;
