import type { Disk } from '../../base/disk/disk.ts';
import type { ListedRecord } from '../../archive/quarantine.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import { segmentsOf } from '../../source/scan.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import type { Source } from '../../source/source.ts';
import type { AtSource } from '../spans/span-finder.ts';

/** What is at a source, in order, and where on its way. */
export async function segmentsAtSource(
  disk: Disk,
  source: Source,
  due: readonly SegmentName[],
  isQuarantined: (segment: string) => boolean,
): Promise<AtSource[]> {
  const dueByName = new Map(due.map((segment) => [segment.name, segment]));
  const found: AtSource[] = [];
  for await (const segment of segmentsOf(disk, source)) {
    // Of a long backlog each name is held once.
    found.push({ segment: dueByName.get(segment.name) ?? segment, state: stateOf(segment.name) });
  }
  return found.sort((a, b) => compareSegments(a.segment, b.segment));

  function stateOf(name: string): AtSource['state'] {
    if (isQuarantined(name)) return 'quarantined';
    return dueByName.has(name) ? 'due' : 'unsealed';
  }
}

/**
 * With the quarantined segments that are not at the source. Where numbers are left out no gap shows a lost
 * one, so it has its own place.
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
