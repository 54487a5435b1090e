import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import { segmentsOf } from '../../source/scan.ts';
import type { Disk } from '../../base/disk/disk.ts';
import type { OpenSource } from '../../pipeline/open-source.ts';
import { listQuarantine } from '../../archive/quarantine.ts';
import { isBelowFloor } from '../../archive/floor.ts';
import { isUnfinished, listRepairs } from '../../archive/repairs.ts';

/**
 * What can be archived again: all that is at the source, sealed and flushed, and what a repair began and did not
 * end. Segments that workers died on are left out, since they are to be tried alone, and what retention has given
 * up. In order; memory grows with the source's directory.
 */
export async function segmentsToRearchive(
  disk: Disk,
  { source, store, gate, retention }: OpenSource,
): Promise<readonly SegmentName[]> {
  const there: SegmentName[] = [];
  for await (const segment of segmentsOf(disk, source)) there.push(segment);
  const sealed = await gate.sealedAmong(there);
  const records = await listQuarantine(store, source.name);
  const deadly = new Set(
    records.filter(({ code }) => code === 'worker-stalled').map(({ segment }) => segment),
  );
  const found = new Map(
    sealed.filter(({ name }) => !deadly.has(name)).map((one) => [one.name, one]),
  );
  for (const { began } of (await listRepairs(store, source.name)).filter(isUnfinished)) {
    const segment = source.naming.parse(began?.segment ?? '');
    if (segment !== undefined) found.set(segment.name, segment);
  }
  const floors = await retention.floors();
  const kept = [...found.values()].filter((segment) => !isBelowFloor(floors, segment));
  return kept.toSorted(compareSegments);
}
