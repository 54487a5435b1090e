/** The backlog of a source by the disk's truth: what `walq status` shows, with or without Redis. */
import type { Disk } from '../disk/index.ts';
import { isMissing, sourceFailure } from '../failure/index.ts';
import { segmentPath, type SegmentName, type Source } from '../segment/index.ts';
import { mapInOrder } from '../inspect/index.ts';

export interface Backlog {
  readonly dueSegments: number;
  /** Of more than 4,096 due segments an estimate by that many of them. */
  readonly dueBytes: number;
  /** Since the oldest due segment was last written; null when none is due. */
  readonly oldestDueAgeMs: number | null;
}

const STATS_AT_ONCE = 16;
/** A look at each of a long backlog would take longer than all the rest, and a watching role repeats it. */
const STATS_MAX = 4_096;

/** Of the segments that were found due, those that are there still. */
export async function measureBacklog(
  disk: Disk,
  source: Source,
  due: readonly SegmentName[],
): Promise<Backlog> {
  const some = evenlySpaced(due, STATS_MAX);
  let bytes = 0;
  let oldestMs: number | undefined;
  let found = 0;
  const look = (segment: SegmentName) => stateOf(disk, segmentPath(source, segment.name));
  for await (const state of mapInOrder(some, STATS_AT_ONCE, look)) {
    if (state === undefined) continue;
    found += 1;
    bytes += Number(state.size);
    oldestMs = Math.min(oldestMs ?? Infinity, Number(state.mtimeNs / 1_000_000n));
  }
  const each = due.length / Math.max(1, some.length);
  const oldestDueAgeMs = oldestMs === undefined ? null : Math.max(0, Date.now() - oldestMs);
  return {
    dueSegments: Math.round(found * each),
    dueBytes: Math.round(bytes * each),
    oldestDueAgeMs,
  };
}

/** From the first on; all where they are few. */
function evenlySpaced<One>(all: readonly One[], countMax: number): readonly One[] {
  if (all.length <= countMax) return all;
  return Array.from(
    { length: countMax },
    (_, index) => all[Math.floor((index * all.length) / countMax)] as One,
  );
}

async function stateOf(disk: Disk, path: string) {
  return disk.lstat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw sourceFailure(`look at ${path}`, error);
  });
}
