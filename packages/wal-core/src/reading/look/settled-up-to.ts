import type { Disk } from '../../base/disk/disk.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import { scanSource } from '../../source/scan.ts';
import type { Source } from '../../source/source.ts';

/**
 * How far a look that begins now can tell gaps: up to the highest segment that is at the source, or was in
 * the archive before. While it lists, segments come and are archived, of which it may miss one and see the
 * next. Undefined where nothing is there yet.
 */
export async function settledUpTo(
  disk: Disk,
  source: Source,
  highestArchived: SegmentName | undefined,
): Promise<SegmentName | undefined> {
  const [atSource] = (await scanSource(disk, source, { lowestMax: 0, highestMax: 1 })).highest;
  if (atSource === undefined || highestArchived === undefined) return atSource ?? highestArchived;
  return compareSegments(atSource, highestArchived) < 0 ? highestArchived : atSource;
}
