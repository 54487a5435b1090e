import type { Disk } from '../disk/index.ts';
import { isMissing, sourceFailure } from '../failure/index.ts';
import type { SegmentName } from './segment-name.ts';
import { segmentPath, type Source } from './source.ts';

/** Length of a segment's file; undefined when there is none. */
export async function lengthAtSource(
  disk: Disk,
  source: Source,
  segment: SegmentName,
): Promise<bigint | undefined> {
  const path = segmentPath(source, segment.name);
  try {
    return (await disk.lstat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw sourceFailure(`look at ${path}`, error);
  }
}

export const isAtSource = async (
  disk: Disk,
  source: Source,
  segment: SegmentName,
): Promise<boolean> => (await lengthAtSource(disk, source, segment)) !== undefined;
