/** The backlog of a source by the disk's truth: what `walq status` shows, with or without Redis. */
import { isMisread, type Disk } from '../../base/disk/disk.ts';
import { ifPresent, sourceFailure } from '../../base/failure/system-error.ts';
import { segmentPath, type Source } from '../../source/source.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import { mapInOrder } from '../map-in-order.ts';
import type { OpenSource } from '../../pipeline/open-source.ts';
import { watermarkPath } from '../../source/watermark.ts';

export interface Backlog {
  readonly dueSegments: number;
  /** Of more than 4,096 due segments an estimate by that many of them. */
  readonly dueBytes: number;
  /** Since the oldest due segment was last written; null when none is due. */
  readonly oldestDueAgeMs: number | null;
  /** Length of the largest of the segments that were looked at; 0 when none is due. */
  readonly largestDueBytes: number;
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
  /** Of more than 4,096 segments an estimate by that many of them. */
  readonly bytes: number;
  /** Since the oldest was last written; null when there is none. */
  readonly oldestAgeMs: number | null;
  readonly largestBytes: number;
}

/** Number, length and age of some segments of a source, of those that are there still. */
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

/** From the first on; all where they are few. */
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

// What is sealed at a source and not flushed. Nobody archives it, so it is not safe: an engine that never
// writes its watermark leaves everything here.

export interface Unflushed {
  /** Above the watermark, without the newest segment, which the engine still writes. */
  readonly segments: number;
  readonly bytes: number;
  /** Since the oldest of them was last written; null when there is none. */
  readonly oldestAgeMs: number | null;
  /** The highest segment that is flushed; null when none is. */
  readonly flushedUpTo: string | null;
  /** Since the watermark was last written; null where there is none, or no engine writes one. */
  readonly watermarkAgeMs: number | null;
  /** Of a source without watermark: how many of its newest segments do not count as flushed. */
  readonly skipNewest: number | null;
}

/** @param there what is at the source, in order */
export async function unflushedOf(
  disk: Disk,
  { source, gate }: OpenSource,
  there: readonly SegmentName[],
): Promise<Unflushed | null> {
  const { sealedRule } = source;
  if (sealedRule.kind === 'ready') return null;
  const upTo = await gate.sealedUpTo();
  const skipNewest = sealedRule.kind === 'skip-newest' ? sealedRule.count : null;
  // Where no engine says what is flushed, the newest are skipped by choice, unless that is all there is.
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
