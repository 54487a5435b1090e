/** One pass over the names in an archive. It reads no object. */
import { keysInOrder, withinRange, type SegmentRange } from '../keys-in-order.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import { SpanFinder, type SpanFinderOptions, type AtSource } from '../spans/span-finder.ts';
import type { Span } from '../spans/span-list.ts';
import type { ArchiveKey } from '../../store/archive-key.ts';
import type { ArchiveStore } from '../../store/store.ts';
import { RECENT_MAX } from './recent-ratio.ts';
import type { Disk } from '../../base/disk/disk.ts';
import type { ListedRecord } from '../../archive/quarantine.ts';
import { segmentsOf, scanSource } from '../../source/scan.ts';
import type { Source } from '../../source/source.ts';

export interface ArchivePass {
  readonly spans: readonly Span[];
  readonly archivedSegments: number;
  readonly highest: SegmentName | undefined;
  /** In order. */
  readonly newest: readonly ArchiveKey[];
  /** The names of `asked` that are in the archive. */
  readonly found: readonly SegmentName[];
}

export async function passArchive(
  { store, source, naming }: { store: ArchiveStore; source: string; naming: SegmentNaming },
  finding: SpanFinderOptions,
  { range, asked }: { readonly range?: SegmentRange; readonly asked?: ReadonlySet<string> } = {},
): Promise<ArchivePass> {
  const finder = new SpanFinder(finding);
  const newest: ArchiveKey[] = [];
  const found: SegmentName[] = [];
  let archivedSegments = 0;
  let highest: SegmentName | undefined;
  for await (const { key, name } of withinRange(keysInOrder(store, source, naming), range)) {
    if (finding.isBelowFloor?.(name) === true) continue;
    finder.next(name);
    highest = name;
    archivedSegments += 1;
    if (asked?.has(name.name) === true) found.push(name);
    newest.push(key);
    if (newest.length > RECENT_MAX * 64) newest.splice(0, newest.length - RECENT_MAX);
  }
  return {
    spans: finder.finish(),
    archivedSegments,
    highest,
    newest: newest.slice(-RECENT_MAX),
    found,
  };
}

/** The segments at a source, in order, with the state of each. */
export async function segmentsAtSource(
  disk: Disk,
  source: Source,
  due: readonly SegmentName[],
  isQuarantined: (segment: string) => boolean,
): Promise<AtSource[]> {
  const dueByName = new Map(due.map((segment) => [segment.name, segment]));
  const found: AtSource[] = [];
  for await (const segment of segmentsOf(disk, source)) {
    // Reuses the parsed name, so that a long backlog holds each name once.
    found.push({ segment: dueByName.get(segment.name) ?? segment, state: stateOf(segment.name) });
  }
  return found.sort((a, b) => compareSegments(a.segment, b.segment));

  function stateOf(name: string): AtSource['state'] {
    if (isQuarantined(name)) return 'quarantined';
    return dueByName.has(name) ? 'due' : 'unsealed';
  }
}

/**
 * Adds the quarantined segments that are not at the source. Where numbers may be left out, no gap would show a lost
 * one.
 */
export function withLost(
  there: readonly AtSource[],
  quarantined: readonly ListedRecord[],
  naming: SegmentNaming,
): readonly AtSource[] {
  const names = new Set(there.map(({ segment }) => segment.name));
  const lost = quarantined.flatMap(({ segment: name, code }): AtSource[] => {
    if (names.has(name) || code === 'quarantine-malformed') return [];
    const segment = naming.parse(name);
    return segment === undefined ? [] : [{ segment, state: 'quarantined' }];
  });
  return [...there, ...lost].toSorted((a, b) => compareSegments(a.segment, b.segment));
}

/**
 * Up to where a scan that starts now can recognise gaps: the highest segment at the source, or the highest that was
 * in the
 * archive before. Segments that are archived during the listing may be missed while later ones are seen. Undefined
 * where
 * there is nothing yet.
 */
export async function reliableUpTo(
  disk: Disk,
  source: Source,
  highestArchived: SegmentName | undefined,
): Promise<SegmentName | undefined> {
  const [atSource] = (await scanSource(disk, source, { lowestMax: 0, highestMax: 1 })).highest;
  if (atSource === undefined || highestArchived === undefined) return atSource ?? highestArchived;
  return compareSegments(atSource, highestArchived) < 0 ? highestArchived : atSource;
}
