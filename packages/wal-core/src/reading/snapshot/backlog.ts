/** The backlog of a source as counted on disk: what `walq status` shows, with or without Redis. */
import { isMisread, type Disk } from '../../base/disk/disk.ts';
import { ifPresent, sourceFailure } from '../../base/failure/system-error.ts';
import { segmentPath, type Source } from '../../source/source.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import { mapInOrder } from '../map-in-order.ts';
import type { OpenSource } from '../../pipeline/open-source.ts';
import { watermarkPath } from '../../source/watermark.ts';

export interface Backlog {
  readonly dueSegments: number;
  /** Beyond 4,096 due segments, an estimate from that many of them. */
  readonly dueBytes: number;
  /** Age of the oldest due segment, since its last write; null when none is due. */
  readonly oldestDueAgeMs: number | null;
  /** Bytes of the largest due segment that was measured; 0 when none is due. */
  readonly largestDueBytes: number;
}

const STATS_AT_ONCE = 16;
/** Measuring every segment of a long backlog would take too long, and watching roles repeat it. */
const STATS_MAX = 4_096;

/** Measures the due segments that still exist. */
export async function measureBacklog(
  disk: Disk,
  source: Source,
  due: readonly SegmentName[],
): Promise<Backlog> {
  const { segments, bytes, oldestAgeMs, largestBytes } = await measure(disk, source, due);
  return {
    dueSegments: segments,
    dueBytes: bytes,
    oldestDueAgeMs: oldestAgeMs,
    largestDueBytes: largestBytes,
  };
}

export interface Measured {
  readonly segments: number;
  /** Beyond 4,096 segments, an estimate from that many of them. */
  readonly bytes: number;
  /** Age of the oldest, since its last write; null when there is none. */
  readonly oldestAgeMs: number | null;
  readonly largestBytes: number;
}

/** Number, bytes and age of the given segments that still exist. */
async function measure(
  disk: Disk,
  source: Source,
  segments: readonly SegmentName[],
): Promise<Measured> {
  const some = evenlySpaced(segments, STATS_MAX);
  let [bytes, largestBytes, found] = [0, 0, 0];
  let oldestMs: number | undefined;
  const statOf = async ({ name }: SegmentName) => {
    const state = await stateOf(disk, segmentPath(source, name));
    return { state, isThere: state !== undefined || isMisread(name) };
  };
  for await (const { state, isThere } of mapInOrder(some, STATS_AT_ONCE, statOf)) {
    if (isThere) found += 1;
    if (state === undefined) continue;
    bytes += Number(state.size);
    largestBytes = Math.max(largestBytes, Number(state.size));
    oldestMs = Math.min(oldestMs ?? Infinity, Number(state.mtimeNs / 1_000_000n));
  }
  const each = segments.length / Math.max(1, some.length);
  return {
    segments: Math.round(found * each),
    bytes: Math.round(bytes * each),
    oldestAgeMs: oldestMs === undefined ? null : Math.max(0, Date.now() - oldestMs),
    largestBytes,
  };
}

/** Starts with the first; returns all where there are few. */
function evenlySpaced<One>(all: readonly One[], countMax: number): readonly One[] {
  if (all.length <= countMax) return all;
  return Array.from(
    { length: countMax },
    (_, index) => all[Math.floor((index * all.length) / countMax)] as One,
  );
}

async function stateOf(disk: Disk, path: string) {
  return ifPresent(disk.lstat(path), (error) => sourceFailure(`stat ${path}`, error));
}

// Segments that are sealed and not flushed. They are not archived, so they are not safe: an engine that never writes
// its
// watermark leaves everything here.

export interface Unflushed {
  /** Segments above the watermark, without the newest, which the engine still writes. */
  readonly segments: number;
  readonly bytes: number;
  /** Age of the oldest, since its last write; null when there is none. */
  readonly oldestAgeMs: number | null;
  /** The highest flushed segment; null when there is none. */
  readonly flushedUpTo: string | null;
  /** Age of the watermark; null where there is none, or the source uses none. */
  readonly watermarkAgeMs: number | null;
  /** For a source without a watermark: how many of its newest segments do not count as flushed. */
  readonly skipNewest: number | null;
}

/** @param there the segments at the source, in order */
export async function unflushedOf(
  disk: Disk,
  { source, gate }: OpenSource,
  there: readonly SegmentName[],
): Promise<Unflushed | null> {
  const { sealedRule } = source;
  if (sealedRule.kind === 'ready') return null;
  const upTo = await gate.sealedUpTo();
  const skipNewest = sealedRule.kind === 'skip-newest' ? sealedRule.count : null;
  // With `skip_newest` the newest segments are skipped on purpose, unless there are no others.
  const isByChoice = skipNewest !== null && upTo !== undefined;
  const isSealed = (segment: SegmentName): boolean =>
    !isByChoice && (upTo === undefined || compareSegments(segment, upTo) > 0);
  const { segments, bytes, oldestAgeMs } = await measure(
    disk,
    source,
    there.slice(0, -1).filter(isSealed),
  );
  const watermarkAgeMs = skipNewest === null ? await ageOfWatermark(disk, source) : null;
  const flushedUpTo = upTo?.name ?? null;
  return { segments, bytes, oldestAgeMs, flushedUpTo, watermarkAgeMs, skipNewest };
}

async function ageOfWatermark(disk: Disk, source: Source): Promise<number | null> {
  const path = watermarkPath(source);
  const state = await ifPresent(disk.lstat(path), (error) => sourceFailure(`stat ${path}`, error));
  return state === undefined ? null : Math.max(0, Date.now() - Number(state.mtimeNs / 1_000_000n));
}
