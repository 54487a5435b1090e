import { compareSegments, segmentsOf, type SegmentName } from '../segment/index.ts';
import type { Disk } from '../disk/index.ts';
import type { OpenSource } from '../pipeline/index.ts';
import { listQuarantine } from '../quarantine/index.ts';
import { isBelowFloor } from '../retention/index.ts';
import { isUnfinished, listRepairs } from './repair-log.ts';

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
