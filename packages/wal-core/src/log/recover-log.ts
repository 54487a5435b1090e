/**
 * Makes the highest segment ready for the next record. A crash may have torn its end, which is cut off;
 * a crash at rotation may have left it without a header, which is made anew.
 */
import type { DiskFile, Disk } from '../base/disk/disk.ts';
import { findCommitBehind } from './find-commit.ts';
import { SEGMENT_HEADER_BYTES, type SegmentHeader, logSegment } from './layout.ts';
import { corruptSegment } from './log-failure.ts';
import { writeHeader, type OpenSegment, createSegment } from './open-segment.ts';
import {
  firstSequenceOf,
  pathOf,
  assertHeaderMatches,
  type SegmentPlace,
  proveSegment,
} from './prove-segment.ts';
import { readPieces, walkSegment, type SegmentWalk } from './walk-segment.ts';
import { SegmentFault } from './record-scanner.ts';
import { segmentRange } from './segment-range.ts';

/** What was cut off the end of a log that was not closed in order. None of it was acknowledged. */
export interface TornTail {
  readonly segment: string;
  /** Where the segment ends now. */
  readonly offset: number;
  readonly cutBytes: number;
  /** What was wrong with the bytes. */
  readonly reason: string;
}

export interface ResumedSegment {
  readonly segment: OpenSegment;
  readonly nextSequence: bigint;
  readonly tornTail: TornTail | undefined;
  /** No record stands behind the last mark: what is found damaged later had been acknowledged. */
  readonly isMarked: boolean;
}

export async function resumeSegment(place: SegmentPlace): Promise<ResumedSegment> {
  const file = await place.disk.openExisting(pathOf(place));
  try {
    const walk = await walkSegment(file);
    const tornTail = tornTailOf(place, walk);
    const resumed =
      walk.header === undefined
        ? await remakeSegment(file, place, walk)
        : await mendSegment(file, place, walk, walk.header);
    await place.disk.syncDirectory(place.directory);
    return { ...resumed, tornTail };
  } catch (error) {
    await file.close();
    throw error;
  }
}

type Mended = Omit<ResumedSegment, 'tornTail'>;

async function mendSegment(
  file: DiskFile,
  place: SegmentPlace,
  walk: SegmentWalk,
  header: SegmentHeader,
): Promise<Mended> {
  const { fault, end, nextSequence } = walk;
  assertHeaderMatches(place, header);
  if (fault !== undefined) await cutTornTail(file, place, walk, fault, header.crc);
  if (fault !== undefined || !walk.isMarked) await settleLastCommit(file, walk);
  const isMarked = walk.isMarked || end === SEGMENT_HEADER_BYTES;
  return { segment: { file, header, sizeBytes: end }, nextSequence, isMarked };
}

/** The header is durable before any record: with bytes behind it, a bad one is damage. */
async function remakeSegment(
  file: DiskFile,
  place: SegmentPlace,
  { fault, sizeBytes }: SegmentWalk,
): Promise<Mended> {
  const isDamage = sizeBytes > SEGMENT_HEADER_BYTES || fault?.unknownVersion === true;
  if (isDamage && fault !== undefined) throw corruptSegment(pathOf(place), fault);
  const nextSequence = place.firstSequence ?? (await firstSequenceOf(place));
  await file.truncate(0);
  const header = await writeHeader(file, place.number, nextSequence);
  const segment = { file, header, sizeBytes: SEGMENT_HEADER_BYTES };
  return { segment, nextSequence, isMarked: true };
}

async function cutTornTail(
  file: DiskFile,
  place: SegmentPlace,
  { end: offset, nextSequence: sequence, sizeBytes }: SegmentWalk,
  fault: SegmentFault,
  segmentCrc: number,
): Promise<void> {
  const behind = await findCommitBehind(file, { offset, sequence, sizeBytes, segmentCrc });
  if (behind !== undefined) throw corruptSegment(pathOf(place), acknowledged(fault, behind));
  await file.truncate(offset);
}

const acknowledged = (fault: SegmentFault, behind: number): SegmentFault =>
  new SegmentFault(
    `${fault.message}, and a whole record of a later commit follows at offset ${behind}`,
    fault.offset,
    fault.sequence,
  );

/**
 * Writes the last commit once more, in place, and makes it durable. Who crashed may not have come to
 * its fsync, or seen it fail; and after a failed fsync the kernel takes pages for clean that never
 * reached the medium, so that only a new write makes a new fsync mean anything.
 */
async function settleLastCommit(file: DiskFile, walk: SegmentWalk): Promise<void> {
  let position = walk.commitOffset;
  for await (const piece of readPieces(file, position, walk.end)) {
    await file.write(piece, position);
    position += piece.length;
  }
  await file.sync();
}

function tornTailOf(place: SegmentPlace, walk: SegmentWalk): TornTail | undefined {
  if (walk.fault === undefined) return undefined;
  return {
    segment: logSegment(place.number).name,
    offset: walk.end,
    cutBytes: walk.sizeBytes - walk.end,
    reason: walk.fault.message,
  };
}

/**
 * Finds out where a log ended and makes it ready for the next record. After a crash the end of the
 * highest segment may be torn. Everything else that is wrong is damage, and then nothing is changed.
 */

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
