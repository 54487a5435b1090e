/** Advances a source's watermark, after checking that it names an existing segment. */
import type { Disk } from '../base/disk/disk.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { advanceWatermark } from '../source/watermark.ts';
import { compareSegments, type SegmentName } from '../source/segment-name.ts';
import { isAtSource } from '../source/at-source.ts';
import { scanSource } from '../source/scan.ts';
import type { Source } from '../source/source.ts';
import { hasObject } from '../store/stored-object.ts';
import type { ArchiveStore } from '../store/store.ts';

export interface MarkedSource {
  readonly source: Source;
  readonly sourceId: string;
  readonly store: ArchiveStore;
}

/**
 * Records durably that everything up to and including a segment is flushed. Returns the watermark in force, which may
 * be higher already. Rejects with `segment-unknown` for a segment that is neither at the source nor in the archive: as a
 * watermark it would stop the source.
 */
export async function markFlushed(
  disk: Disk,
  { source, sourceId, store }: MarkedSource,
  segment: SegmentName,
): Promise<SegmentName> {
  if (!(await isAtSource(disk, source, segment))) {
    const why = await whyNotKnown(disk, source, store, segment);
    if (why !== undefined) throw unknown(source, `${segment.name} ${why}`);
  }
  return advanceWatermark(disk, source, sourceId, segment);
}

/** For a segment that is not at the source. The newest segment always is, so a name above every file is a mistake. */
async function whyNotKnown(
  disk: Disk,
  source: Source,
  store: ArchiveStore,
  segment: SegmentName,
): Promise<string | undefined> {
  if (!(await hasObject(store, source.name, segment))) {
    return `is neither in ${source.directory} nor in the archive ${store.url}`;
  }
  const [highest] = (await scanSource(disk, source, { lowestMax: 0, highestMax: 1 })).highest;
  const isAbove = highest !== undefined && compareSegments(segment, highest) > 0;
  return isAbove ? `is above every file in ${source.directory}` : undefined;
}

const unknown = ({ name }: Source, why: string): WalqError =>
  new WalqError('segment-unknown', {
    message: `unable to mark source '${name}' as flushed: ${why}`,
  });
