/** Verifies segments that are never written again: any error in them is damage. */
import type { Disk } from '../base/disk/disk.ts';
import { ifPresent } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { sequenceAfter, type SegmentHeader, logSegmentPath } from './layout.ts';
import { corruptLog, corruptSegment } from './log-failure.ts';
import { walkSegment } from './walk-segment.ts';

/** A segment, and the sequence number that it must begin with, where known. */
export interface LocatedSegment {
  readonly disk: Disk;
  readonly directory: string;
  readonly number: bigint;
  readonly firstSequence: bigint | undefined;
}

/** Above this, a segment's number times 2^32 is not a 64-bit sequence number. */
const NUMBER_MAX = 2n ** 32n - 2n;

export const pathOf = ({ directory, number }: LocatedSegment): string =>
  logSegmentPath(directory, number);

/** Verifies every record; gives the sequence number after the last. */
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

/** Sequence numbers continue from segment to segment, and a file's name contains its number. */
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

/** The first sequence number of a segment, from the segment before it, which may be deleted already. */
export async function firstSequenceOf(located: LocatedSegment): Promise<bigint> {
  if (located.number === 1n) return 1n;
  const before = { ...located, number: located.number - 1n, firstSequence: undefined };
  const known = await ifPresent(proveSegment(before));
  return known ?? firstUnused(located);
}

function firstUnused({ directory, number }: LocatedSegment): bigint {
  if (number <= NUMBER_MAX) return sequenceAfter(number - 1n);
  throw new WalqError('source-reset', {
    message: `the log ${directory} cannot continue at segment ${number}: no sequence number is left`,
  });
}
