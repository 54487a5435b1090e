/** Moves a source's watermark, after making sure that it names a segment there is. */
import type { Disk } from '../disk/index.ts';
import { WalqError } from '../failure/index.ts';
import { advanceWatermark, isAtSource, type SegmentName, type Source } from '../segment/index.ts';
import { hasObject, type ArchiveStore } from '../store/index.ts';

export interface MarkedSource {
  readonly source: Source;
  readonly sourceId: string;
  readonly store: ArchiveStore;
}

/**
 * Says, durably, that everything up to and including a segment is flushed; gives the watermark in force,
 * which may be further already. A name that is neither at the source nor in the archive is refused as
 * `segment-unknown`: as a watermark it would stop the source.
 */
export async function markFlushed(
  disk: Disk,
  { source, sourceId, store }: MarkedSource,
  segment: SegmentName,
): Promise<SegmentName> {
  if (
    !(await isAtSource(disk, source, segment)) &&
    !(await hasObject(store, source.name, segment))
  ) {
    throw new WalqError('segment-unknown', {
      message: `unable to mark source '${source.name}' as flushed: ${segment.name} is neither in ${source.directory} nor in the archive ${store.url}`,
    });
  }
  return advanceWatermark(disk, source, sourceId, segment);
}
