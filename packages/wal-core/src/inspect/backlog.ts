/** The backlog of a source by the disk's truth: what `walq status` shows, with or without Redis. */
import type { Disk } from '../disk/index.ts';
import type { DueView } from '../due/index.ts';
import { isMissing, sourceFailure } from '../failure/index.ts';
import { segmentPath, type SegmentName, type Source } from '../segment/index.ts';
import { mapInOrder } from './map-in-order.ts';

export interface Backlog {
  readonly dueSegments: number;
  readonly dueBytes: number;
  /** Since the oldest due segment was last written; null when none is due. */
  readonly oldestDueAgeMs: number | null;
}

const STATS_AT_ONCE = 16;

export async function measureBacklog(disk: Disk, source: Source, view: DueView): Promise<Backlog> {
  const { due } = await view.scan(Number.MAX_SAFE_INTEGER);
  let dueBytes = 0;
  let oldestMs: number | undefined;
  let dueSegments = 0;
  const look = (segment: SegmentName) => stateOf(disk, segmentPath(source, segment.name));
  for await (const state of mapInOrder(due, STATS_AT_ONCE, look)) {
    if (state === undefined) continue;
    dueSegments += 1;
    dueBytes += Number(state.size);
    oldestMs = Math.min(oldestMs ?? Infinity, Number(state.mtimeNs / 1_000_000n));
  }
  const oldestDueAgeMs = oldestMs === undefined ? null : Math.max(0, Date.now() - oldestMs);
  return { dueSegments, dueBytes, oldestDueAgeMs };
}

async function stateOf(disk: Disk, path: string) {
  return disk.lstat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw sourceFailure(`look at ${path}`, error);
  });
}
