/** Proves segments that will not be written again: whatever is wrong there is damage. */
import type { Disk } from '../base/disk/disk.ts';
import { ifPresent } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { sequenceAfter, type SegmentHeader, logSegmentPath } from './layout.ts';
import { corruptLog, corruptSegment } from './log-failure.ts';
import { walkSegment } from './walk-segment.ts';

/** A segment, and the sequence number it has to begin with where that is known. */
export interface LocatedSegment {
  readonly disk: Disk;
  readonly directory: string;
  readonly number: bigint;
  readonly firstSequence: bigint | undefined;
}

/** Above this a segment's number times 2^32 is no 64-bit sequence number. */
const NUMBER_MAX = 2n ** 32n - 2n;

export const pathOf = ({ directory, number }: LocatedSegment): string =>
  logSegmentPath(directory, number);

/** Proves every record; gives the sequence number that follows the last. */
export async function proveSegment(located: LocatedSegment): Promise<bigint> {
  const file = await located.disk.openRead(pathOf(located));
  try {
    const { header, fault, nextSequence } = await walkSegment(file);
    if (fault !== undefined) throw corruptSegment(pathOf(located), fault);
    if (header !== undefined) assertHeaderMatches(located, header);
    return nextSequence;
  } finally {
    await file.close();
  }
}

/** Sequence numbers go on from segment to segment, and a file's name says its number. */
export function assertHeaderMatches(located: LocatedSegment, header: SegmentHeader): void {
  if (header.number !== located.number) {
    throw corruptLog(`${pathOf(located)} is segment ${header.number} under a wrong name`);
  }
  const { firstSequence } = located;
  if (firstSequence === undefined || header.firstSequence === firstSequence) return;
  throw corruptLog(
    `${pathOf(located)} begins with sequence ${header.firstSequence}, but ${firstSequence} comes after the segment before it`,
  );
}

/** The sequence number to begin a segment with, from the one before it; that may be gone. */
export async function firstSequenceOf(located: LocatedSegment): Promise<bigint> {
  if (located.number === 1n) return 1n;
  const before = { ...located, number: located.number - 1n, firstSequence: undefined };
  const known = await ifPresent(proveSegment(before));
  return known ?? firstUnused(located);
}

function firstUnused({ directory, number }: LocatedSegment): bigint {
  if (number <= NUMBER_MAX) return sequenceAfter(number - 1n);
  throw new WalqError('source-reset', {
    message: `the log ${directory} cannot go on at segment ${number}: no sequence number is left`,
  });
}
