/** Creates and extends the one segment that a log writes to. */
import { randomInt } from 'node:crypto';
import type { Disk, DiskFile } from '../base/disk/disk.ts';
import {
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  logSegmentPath,
} from './layout.ts';

export interface OpenSegment {
  readonly file: DiskFile;
  readonly header: SegmentHeader;
  /** Where the next record goes. */
  sizeBytes: number;
}

/**
 * Creates the file of a new segment; the file and its name are durable when this returns. EEXIST when the name is
 * taken: a segment's name is never reused.
 */
export async function createSegment(
  disk: Disk,
  directory: string,
  number: bigint,
  firstSequence: bigint,
): Promise<OpenSegment> {
  const file = await disk.openNew(logSegmentPath(directory, number));
  try {
    const header = await writeHeader(file, number, firstSequence);
    await disk.syncDirectory(directory);
    return { file, header, sizeBytes: SEGMENT_HEADER_BYTES };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Writes the header of a file without records, durably. */
export async function writeHeader(
  file: DiskFile,
  number: bigint,
  firstSequence: bigint,
): Promise<SegmentHeader> {
  const { bytes, header } = encodeSegmentHeader(number, firstSequence, randomInt(2 ** 32));
  await file.write(bytes, 0);
  await file.sync();
  return header;
}

/** Appends bytes, durably. After a failure the segment must not be written again. */
export async function extendSegment(segment: OpenSegment, bytes: Uint8Array): Promise<void> {
  await segment.file.write(bytes, segment.sizeBytes);
  await segment.file.sync();
  segment.sizeBytes += bytes.length;
}
