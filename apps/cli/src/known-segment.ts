import {
  archiveKeyOf,
  isMissing,
  nodeDisk,
  openStore,
  segmentPath,
  sourceFailure,
  WalqError,
  type SegmentName,
  type Source,
} from '@walq/wal-core';

/**
 * Refuses a segment that is neither at the source nor in the archive. A watermark that names one would
 * stop the source later; here the mistyped name is still at hand.
 */
export async function refuseUnknownSegment(
  source: Source,
  archiveUrl: string,
  segment: SegmentName,
): Promise<void> {
  if (await isAtSource(source, segment)) return;
  const store = openStore(archiveUrl, { disk: nodeDisk });
  if ((await store.stat(archiveKeyOf(source.name, segment))) !== undefined) return;
  throw new WalqError('source-reset', {
    message: `the segment ${segment.name} is neither in ${source.directory} nor in the archive ${store.url}`,
    hint: 'Check the name, and that the directory is mounted; nothing was marked.',
  });
}

async function isAtSource(source: Source, segment: SegmentName): Promise<boolean> {
  const path = segmentPath(source, segment.name);
  try {
    return (await nodeDisk.lstat(path)).kind === 'file';
  } catch (error) {
    if (isMissing(error)) return false;
    throw sourceFailure(`look at ${path}`, error);
  }
}
