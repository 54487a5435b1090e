import { basename, dirname, join } from 'node:path';
import { readSmallBytes } from '../../base/disk/read-small-file.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { beginsAsSegment } from '../../source/postgres/page-check.ts';
import { parseWalFile, segmentNumber, startLsn } from '../../source/postgres/wal-file.ts';

const FIRST_BYTES = 40;

/**
 * Whether pg_wal, where PostgreSQL wants the file, has it already: what the archive does not have PostgreSQL
 * takes from there, and recovery does not end. So it is for a base backup that brings its WAL along, and for files
 * that somebody put there. Of a segment the first page is looked at: a recycled file has a later one's name.
 */
export async function hasOwnCopy(
  disk: Disk,
  { name, destination, segmentBytes }: { name: string; destination: string; segmentBytes: number },
): Promise<boolean> {
  if (basename(destination) === name) return false;
  const path = join(dirname(destination), name);
  // Where it cannot be read, PostgreSQL cannot be said to read it.
  const first = await readSmallBytes(disk, path, FIRST_BYTES).catch(() => undefined);
  if (first === undefined || first.length === 0) return false;
  const file = parseWalFile(name);
  if (file?.kind === 'history') return true;
  const number = file && segmentNumber(file, segmentBytes);
  if (file === undefined || number === undefined) return false;
  const { size } = await disk.lstat(path);
  return (
    size === BigInt(segmentBytes) &&
    beginsAsSegment(first, segmentBytes, {
      timeline: Number(`0x${file.timeline}`),
      startLsn: startLsn(number, segmentBytes),
    })
  );
}
