import type { DiskFile } from '../base/disk/disk.ts';
import type { SegmentHeader } from './layout.ts';
import { RecordScanner, SegmentFault } from './record-scanner.ts';

/** The content of a segment's file, from its first byte to its first fault. */
export interface SegmentWalk {
  readonly sizeBytes: number;
  readonly header: SegmentHeader | undefined;
  /** End of the last whole record. */
  readonly end: number;
  /** Start of the last commit; 0 when there is none. */
  readonly commitOffset: number;
  /** Whether the file ends with the mark of a clean close. */
  readonly isMarked: boolean;
  readonly nextSequence: bigint;
  readonly fault: SegmentFault | undefined;
}

/** Verifies every record of a segment, in constant memory. */
export async function walkSegment(file: DiskFile): Promise<SegmentWalk> {
  const sizeBytes = await sizeOf(file);
  let commitOffset = 0;
  let isMarked = false;
  const scanner = new RecordScanner({
    record: ({ beginsCommit }, offset) => {
      isMarked = false;
      if (beginsCommit) commitOffset = offset;
    },
    mark: () => {
      isMarked = true;
    },
  });
  const fault = await firstFault(scanner, file, sizeBytes);
  const { header, end, nextSequence } = scanner;
  return { sizeBytes, header, end, commitOffset, isMarked, nextSequence, fault };
}

async function firstFault(
  scanner: RecordScanner,
  file: DiskFile,
  sizeBytes: number,
): Promise<SegmentFault | undefined> {
  try {
    for await (const piece of readPieces(file, 0, sizeBytes)) scanner.update(piece);
    scanner.finish();
    return undefined;
  } catch (error) {
    if (error instanceof SegmentFault) return error;
    throw error;
  }
}

const PIECE_BYTES = 256 * 1024;

/**
 * The bytes of a file from one offset to another, in order. Each piece is valid until the next one is requested. Ends
 * early at the end of the file.
 */
export async function* readPieces(
  file: DiskFile,
  from: number,
  until: number,
): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(PIECE_BYTES, until - from)));
  for (let position = from; position < until;) {
    const bytes = await file.read(buffer.subarray(0, until - position), position);
    if (bytes === 0) return;
    yield buffer.subarray(0, bytes);
    position += bytes;
  }
}

/** The number of bytes in a file. */
export const sizeOf = async (file: DiskFile): Promise<number> => Number((await file.stat()).size);
