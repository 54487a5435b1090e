/** Reads a log, segment by segment, also while a writer appends to it. */
import { nodeDisk } from '../base/disk/node-disk.ts';
import type { Disk } from '../base/disk/disk.ts';
import { isMissing } from '../base/failure/system-error.ts';
import { isWalqError, type WalqError } from '../base/failure/walq-error.ts';
import { scanSource } from '../source/scan.ts';
import { corruptLog } from './log-failure.ts';
import { logSegmentPath } from './layout.ts';
import { logSource } from '../source/sources.ts';
import { readSegment, readSegmentHeader, type LogRecord } from './read-segment.ts';
import { readLogExtent, watermarkNumber } from './log-extent.ts';

export interface ReadLogOptions {
  /** The first sequence number to read. @default the first in the directory */
  readonly from?: bigint;
  /** @default the machine's filesystem */
  readonly disk?: Disk;
}

const WINDOW_SEGMENTS = 1024;

/**
 * The records of all segments in a directory, in order, in bounded memory. Skips segments up to the watermark that
 * were archived and deleted; restore them to read them. Ends at a torn tail, which opening the log cuts off. While a
 * writer appends, it may give records that are not durable yet, and it gives none that were appended after it reached
 * the last segment.
 *
 * Throws `log-corrupt` where records above the watermark are damaged or missing, or where records of an existing
 * segment are damaged.
 */
export async function* readLog(
  directory: string,
  options: ReadLogOptions = {},
): AsyncGenerator<LogRecord> {
  const { from = 0n, disk = nodeDisk } = options;
  const { highest } = await readLogExtent(disk, directory);
  let before: { readonly number: bigint; readonly last: bigint } | undefined;
  for await (const number of segmentsFrom(disk, directory, from)) {
    // A segment that a writer has begun since is not read: records may be missing at the end of the one before it.
    if (number > highest) return;
    const isAdjacent = before !== undefined && before.number + 1n === number;
    let expected = isAdjacent && before !== undefined ? before.last + 1n : undefined;
    for await (const record of recordsIn(disk, directory, number, number === highest)) {
      if (expected !== undefined) assertConsecutive(directory, number, expected, record);
      expected = record.sequence + 1n;
      if (record.sequence >= from) yield record;
    }
    before = expected === undefined ? undefined : { number, last: expected - 1n };
  }
}

function assertConsecutive(
  directory: string,
  number: bigint,
  expected: bigint,
  record: LogRecord,
): void {
  if (record.sequence === expected) return;
  throw corruptLog(
    `${logSegmentPath(directory, number)} has sequence ${record.sequence} where ${expected} is expected`,
  );
}

async function* recordsIn(
  disk: Disk,
  directory: string,
  number: bigint,
  isHighest: boolean,
): AsyncGenerator<LogRecord> {
  const tornTail = isHighest ? 'end' : 'refuse';
  try {
    yield* readSegment(disk, logSegmentPath(directory, number), { tornTail });
  } catch (error) {
    if (!isWalqError(error) || !isMissing(error.cause)) throw error;
    await assertFlushed(disk, directory, number, error);
  }
}

async function assertFlushed(
  disk: Disk,
  directory: string,
  number: bigint,
  missing: WalqError,
): Promise<void> {
  if (number <= (await watermarkNumber(disk, directory))) return;
  throw missing;
}

/** Numbers of the segments that contain `from` or later records, in order. */
async function* segmentsFrom(disk: Disk, directory: string, from: bigint): AsyncGenerator<bigint> {
  let previous: bigint | undefined;
  for await (const number of segmentNumbers(disk, directory)) {
    if (previous !== undefined && !(await beginsAtOrBefore(disk, directory, number, from)))
      yield previous;
    previous = number;
  }
  if (previous !== undefined) yield previous;
}

/** Whether a segment begins at or before `from`: then the segment before it need not be read. */
async function beginsAtOrBefore(
  disk: Disk,
  directory: string,
  number: bigint,
  from: bigint,
): Promise<boolean> {
  if (from === 0n) return false;
  try {
    const header = await readSegmentHeader(disk, logSegmentPath(directory, number));
    return header !== undefined && header.firstSequence <= from;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Lists the directory once for each window, so that memory stays bounded with any number of segments. */
async function* segmentNumbers(disk: Disk, directory: string): AsyncGenerator<bigint> {
  const source = logSource({ directory });
  for (let last = 0n; ;) {
    const accept = ({ number }: { readonly number: bigint }): boolean => number > last;
    const scan = await scanSource(disk, source, {
      lowestMax: WINDOW_SEGMENTS,
      highestMax: 0,
      accept,
    });
    for (const { number } of scan.lowest) {
      yield number;
      last = number;
    }
    if (scan.acceptedCount <= scan.lowest.length) return;
  }
}
