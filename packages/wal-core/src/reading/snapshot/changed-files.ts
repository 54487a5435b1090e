/** Files that were written after they were archived, so that source and archive differ. */
import { keptChecksum } from '../../pipeline/kept-file.ts';
import { sameChecksum } from '../../codec/source-checksum.ts';
import type { Disk } from '../../base/disk/disk.ts';
import type { ArchivedSegment } from '../manifest-index.ts';
import { stateAtSource } from '../../source/at-source.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import type { Source } from '../../source/source.ts';
import type { ArchiveStore } from '../../store/store.ts';

export interface ChangedFile {
  readonly source: string;
  readonly segment: string;
  /** `written`: same length, last written after it was archived, and not compared since. */
  readonly change: 'longer' | 'shorter' | 'written';
  readonly bytes: number;
  readonly archivedBytes: number;
  readonly archivedAt: string;
}

/** Undefined for a file that is gone, or that by its length and times is unchanged since it was archived. */
export async function changeOf(
  at: { readonly disk: Disk; readonly source: Source; readonly store: ArchiveStore },
  sourceId: string,
  segment: SegmentName,
  archived: ArchivedSegment,
): Promise<ChangedFile | undefined> {
  const { disk, source, store } = at;
  // The archive keeps each content of PostgreSQL's partial files.
  if (segment.isAuxiliary === true) return undefined;
  const state = await stateAtSource(disk, source, segment);
  if (state === undefined || state.kind !== 'file') return undefined;
  const { bytes: archivedBytes, archivedAt, sourceChecksum } = archived;
  const bytes = Number(state.size);
  const found = { source: source.name, segment: segment.name, bytes, archivedBytes, archivedAt };
  if (bytes !== archivedBytes) {
    return { ...found, change: bytes > archivedBytes ? 'longer' : 'shorter' };
  }
  // PostgreSQL instances share an archive, and each has its own file times.
  const isLater = Number(state.mtimeNs / 1_000_000n) > Date.parse(archivedAt);
  if (source.type === 'postgres' || !isLater) return undefined;
  const named = { source: source.name, sourceId, segment: segment.name };
  const known = await keptChecksum(store, named, state);
  if (known !== undefined && sameChecksum(known, sourceChecksum)) return undefined;
  return { ...found, change: 'written' };
}
