/**
 * What an archive records about its own gaps. `walq verify`, `status`, `repair`, the archive page and `wal-fetch` all
 * use
 * this, so that they find the same gaps.
 */
import type { WalqError } from '../base/failure/walq-error.ts';
import { explainGaps, listAcknowledgedGaps, type KnownGap } from '../archive/acknowledged-gaps.ts';
import { isBelowFloor, type Floors } from '../archive/floor.ts';
import { readFloors } from '../archive/floor-records.ts';
import type { SegmentName } from '../source/segment-name.ts';
import type { SegmentNaming } from '../source/naming.ts';
import { SpanFinder, type SpanFinderOptions } from './spans/span-finder.ts';
import type { ArchiveStore } from '../store/store.ts';
import { TimelineReader } from '../archive/read-timelines.ts';
import { gapsOf } from './spans/span-list.ts';
import { keysInOrder } from './keys-in-order.ts';

export interface GapRules extends Required<
  Pick<SpanFinderOptions, 'explain' | 'timelines' | 'isBelowFloor'>
> {
  readonly floors: Floors;
  /** Why a history file does not decode, by file name. */
  readonly unreadable: ReadonlyMap<string, WalqError>;
}

export interface SourceArchive {
  readonly store: ArchiveStore;
  /** The source's name in the archive. */
  readonly source: string;
  readonly naming: SegmentNaming;
}

/** @param reader one that caches history files, for a caller that asks again */
export async function readGapRules(
  { store, source, naming }: SourceArchive,
  reader: TimelineReader = new TimelineReader(store, source),
): Promise<GapRules> {
  const { timelines, unreadable } = await reader.read(naming);
  const floors = await readFloors(store, source);
  return {
    timelines,
    unreadable,
    floors,
    explain: explainGaps(await listAcknowledgedGaps(store, source), naming),
    isBelowFloor: (segment: SegmentName) => isBelowFloor(floors, segment),
  };
}

interface GapOptions extends SourceArchive {
  readonly consecutive: boolean;
  /** Segments that are still at the source, in order; they do not count as gaps. */
  readonly atSource: readonly SegmentName[];
}

/** The gaps of an archive, including acknowledged ones. Only history files are read. */
export async function listGaps(options: GapOptions): Promise<readonly KnownGap[]> {
  const { store, source, naming, consecutive, atSource } = options;
  const spans = new SpanFinder({
    ...(await readGapRules(options)),
    consecutive,
    atSource: atSource.map((segment) => ({ segment, state: 'due' })),
  });
  for await (const { name } of keysInOrder(store, source, naming)) spans.next(name);
  return gapsOf(source, spans.finish());
}
