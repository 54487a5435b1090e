/**
 * Prepares the highest segment for the next record. A crash may have torn its end, which is cut off. A crash during
 * rotation may have left it without a header, which is written again.
 */
import type { DiskFile, Disk } from '../base/disk/disk.ts';
import { findCommitAfter } from './find-commit.ts';
import { SEGMENT_HEADER_BYTES, type SegmentHeader, logSegment } from './layout.ts';
import { corruptSegment } from './log-failure.ts';
import { writeHeader, type OpenSegment, createSegment } from './open-segment.ts';
import {
  firstSequenceOf,
  pathOf,
  assertHeaderMatches,
  type LocatedSegment,
  proveSegment,
} from './prove-segment.ts';
import { readPieces, walkSegment, type SegmentWalk } from './walk-segment.ts';
import { SegmentFault } from './record-scanner.ts';
import { readLogExtent } from './log-extent.ts';

/** What was cut off the end of a log that was not closed cleanly. None of it was acknowledged. */
export interface TornTail {
  readonly segment: string;
  /** Size of the segment now. */
  readonly offset: number;
  readonly cutBytes: number;
  /** What was wrong with the bytes. */
  readonly reason: string;
}

export interface ResumedSegment {
  readonly segment: OpenSegment;
  readonly nextSequence: bigint;
  readonly tornTail: TornTail | undefined;
  /** Whether no record follows the last mark: then records that are later found damaged had been acknowledged. */
  readonly isMarked: boolean;
}

export async function resumeSegment(located: LocatedSegment): Promise<ResumedSegment> {
  const file = await located.disk.openExisting(pathOf(located));
  try {
    const walk = await walkSegment(file);
    const tornTail = tornTailOf(located, walk);
    const resumed =
      walk.header === undefined
        ? await recreateSegment(file, located, walk)
        : await repairSegment(file, located, walk, walk.header);
    await located.disk.syncDirectory(located.directory);
    return { ...resumed, tornTail };
  } catch (error) {
    await file.close();
    throw error;
  }
}

type RepairedSegment = Omit<ResumedSegment, 'tornTail'>;

async function repairSegment(
  file: DiskFile,
  located: LocatedSegment,
  walk: SegmentWalk,
  header: SegmentHeader,
): Promise<RepairedSegment> {
  const { fault, end, nextSequence } = walk;
  assertHeaderMatches(located, header);
  if (fault !== undefined) await cutTornTail(file, located, walk, fault, header.crc);
  if (fault !== undefined || !walk.isMarked) await rewriteLastCommit(file, walk);
  const isMarked = walk.isMarked || end === SEGMENT_HEADER_BYTES;
  return { segment: { file, header, sizeBytes: end }, nextSequence, isMarked };
}

/** The header is durable before any record, so a bad header with bytes after it is damage. */
async function recreateSegment(
  file: DiskFile,
  located: LocatedSegment,
  { fault, sizeBytes }: SegmentWalk,
): Promise<RepairedSegment> {
  const isDamage = sizeBytes > SEGMENT_HEADER_BYTES || fault?.unknownVersion === true;
  if (isDamage && fault !== undefined) throw corruptSegment(pathOf(located), fault);
  const nextSequence = located.firstSequence ?? (await firstSequenceOf(located));
  await file.truncate(0);
  const header = await writeHeader(file, located.number, nextSequence);
  const segment = { file, header, sizeBytes: SEGMENT_HEADER_BYTES };
  return { segment, nextSequence, isMarked: true };
}

async function cutTornTail(
  file: DiskFile,
  located: LocatedSegment,
  { end: offset, nextSequence: sequence, sizeBytes }: SegmentWalk,
  fault: SegmentFault,
  segmentCrc: number,
): Promise<void> {
  const laterCommit = await findCommitAfter(file, { offset, sequence, sizeBytes, segmentCrc });
  if (laterCommit !== undefined)
    throw corruptSegment(pathOf(located), followedByCommit(fault, laterCommit));
  await file.truncate(offset);
}

const followedByCommit = (fault: SegmentFault, laterCommit: number): SegmentFault =>
  new SegmentFault(
    `${fault.message}, and a whole record of a later commit follows at offset ${laterCommit}`,
    fault.offset,
    fault.sequence,
  );

/**
 * Writes the last commit again, in place, and makes it durable. The process that crashed may not have reached its
 * fsync, or the fsync may have failed. After a failed fsync the kernel may mark pages as clean that never reached the
 * medium, so only a new write makes a new fsync reliable.
 */
async function rewriteLastCommit(file: DiskFile, walk: SegmentWalk): Promise<void> {
  let position = walk.commitOffset;
  for await (const piece of readPieces(file, position, walk.end)) {
    await file.write(piece, position);
    position += piece.length;
  }
  await file.sync();
}

function tornTailOf(located: LocatedSegment, walk: SegmentWalk): TornTail | undefined {
  if (walk.fault === undefined) return undefined;
  return {
    segment: logSegment(located.number).name,
    offset: walk.end,
    cutBytes: walk.sizeBytes - walk.end,
    reason: walk.fault.message,
  };
}

/**
 * Finds the end of a log and prepares it for the next record. After a crash the end of the highest segment may be
 * torn. Any other error is damage, and then nothing is changed.
 */

export async function recoverLog(disk: Disk, directory: string): Promise<ResumedSegment> {
  const { watermark, highest } = await readLogExtent(disk, directory);
  const located = { disk, directory, number: watermark + 1n, firstSequence: undefined };
  if (highest <= watermark) return beginSegment(located);
  const unflushed = { ...located, firstSequence: watermark === 0n ? 1n : undefined };
  return resumeSegment(await proveBelow(unflushed, highest));
}

/** Segments at or below the watermark are never written again, including the highest. */
async function beginSegment(located: LocatedSegment): Promise<ResumedSegment> {
  const nextSequence = await firstSequenceOf(located);
  const { disk, directory, number } = located;
  const segment = await createSegment(disk, directory, number, nextSequence);
  return { segment, nextSequence, tornTail: undefined, isMarked: true };
}

/** Verifies one sealed segment after another, up to the highest. */
async function proveBelow(first: LocatedSegment, highest: bigint): Promise<LocatedSegment> {
  let located = first;
  while (located.number < highest) {
    const firstSequence = await proveSegment(located);
    located = { ...located, number: located.number + 1n, firstSequence };
  }
  return located;
}
