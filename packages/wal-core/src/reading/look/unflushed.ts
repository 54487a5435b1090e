/**
 * What is sealed at a source and not flushed. Nobody archives it, so it is not safe: an engine that never
 * writes its watermark leaves everything here.
 */
import { isMissing, sourceFailure } from '../../base/failure/system-error.ts';
import type { Disk } from '../../base/disk/disk.ts';
import type { OpenSource } from '../../pipeline/open-source.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import { watermarkPath } from '../../source/watermark.ts';
import type { Source } from '../../source/source.ts';
import { measure } from './backlog.ts';

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
  try {
    const { mtimeNs } = await disk.lstat(path);
    return Math.max(0, Date.now() - Number(mtimeNs / 1_000_000n));
  } catch (error) {
    if (isMissing(error)) return null;
    throw sourceFailure(`look at ${path}`, error);
  }
}
