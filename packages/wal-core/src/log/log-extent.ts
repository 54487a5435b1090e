import type { Disk } from '../base/disk/disk.ts';
import { ifPresent } from '../base/failure/system-error.ts';
import { readIdentity } from '../source/identity.ts';
import { readWatermark } from '../source/watermark.ts';
import { segmentPath } from '../source/source.ts';
import { segmentsOf } from '../source/scan.ts';
import { corruptLog } from './log-failure.ts';
import { logSegment } from './layout.ts';
import { logSource } from '../source/sources.ts';

/** Which segments of a log exist. Segments at or below the watermark may have been archived and deleted. */
export interface LogExtent {
  /** Number of the last flushed segment; 0 when none is. */
  readonly watermark: bigint;
  /** Number of the highest segment file; 0 when there is none. */
  readonly highest: bigint;
}

/**
 * Lists the directory once, in constant memory. Numbers may be missing up to the watermark; above it a missing one is
 * `log-corrupt`.
 */
export async function readLogExtent(disk: Disk, directory: string): Promise<LogExtent> {
  const watermark = await watermarkNumber(disk, directory);
  let highest = 0n;
  let unflushedCount = 0n;
  for await (const { number } of segmentsOf(disk, logSource({ directory }))) {
    if (number > highest) highest = number;
    if (number > watermark) unflushedCount += 1n;
  }
  const unflushed = highest > watermark ? highest - watermark : 0n;
  if (unflushedCount < unflushed) throw await missingSegment(disk, directory, watermark, highest);
  return { watermark, highest };
}

/** A watermark without the source's identity next to it belongs to another directory: it is refused. */
export async function watermarkNumber(disk: Disk, directory: string): Promise<bigint> {
  const source = logSource({ directory });
  const sourceId = (await readIdentity(disk, source)) ?? 'a directory without identity';
  return (await readWatermark(disk, source, sourceId))?.number ?? 0n;
}

async function missingSegment(disk: Disk, directory: string, watermark: bigint, highest: bigint) {
  for (let number = watermark + 1n; number < highest; number += 1n) {
    const { name } = logSegment(number);
    const path = segmentPath(logSource({ directory }), name);
    const there = await ifPresent(disk.lstat(path));
    if (there === undefined) {
      return corruptLog(
        `the log ${directory} has lost segment ${name}, which is not flushed (flushed through ${watermark}, newest ${highest})`,
      );
    }
  }
  return corruptLog(`the segments of the log ${directory} changed while they were listed`);
}
