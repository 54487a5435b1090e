/**
 * Finds out where a log ended and makes it ready for the next record. After a crash the end of the
 * highest segment may be torn. Everything else that is wrong is damage, and then nothing is changed.
 */
import type { Disk } from '../base/disk/disk.ts';
import { createSegment } from './open-segment.ts';
import { firstSequenceOf, proveSegment, type SegmentPlace } from './prove-segment.ts';
import { resumeSegment, type ResumedSegment } from './resume-segment.ts';
import { segmentRange } from './segment-range.ts';

export async function recoverLog(disk: Disk, directory: string): Promise<ResumedSegment> {
  const { watermark, highest } = await segmentRange(disk, directory);
  const place = { disk, directory, number: watermark + 1n, firstSequence: undefined };
  if (highest <= watermark) return beginSegment(place);
  const unflushed = { ...place, firstSequence: watermark === 0n ? 1n : undefined };
  return resumeSegment(await proveBelow(unflushed, highest));
}

/** Nothing at or below the watermark is written again, not even the highest file. */
async function beginSegment(place: SegmentPlace): Promise<ResumedSegment> {
  const nextSequence = await firstSequenceOf(place);
  const { disk, directory, number } = place;
  const segment = await createSegment(disk, directory, number, nextSequence);
  return { segment, nextSequence, tornTail: undefined, isMarked: true };
}

/** Proves one sealed segment after another, until the highest. */
async function proveBelow(first: SegmentPlace, highest: bigint): Promise<SegmentPlace> {
  let place = first;
  while (place.number < highest) {
    const firstSequence = await proveSegment(place);
    place = { ...place, number: place.number + 1n, firstSequence };
  }
  return place;
}
