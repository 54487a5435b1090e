import type { Disk, DiskFile } from '../base/disk/disk.ts';
import { sourceFailure } from '../base/failure/system-error.ts';
import { findCommitAfter } from './find-commit.ts';
import { SEGMENT_HEADER_BYTES, type SegmentHeader } from './layout.ts';
import { corruptSegment } from './log-failure.ts';
import { readPieces, sizeOf } from './walk-segment.ts';
import { RecordScanner, SegmentFault } from './record-scanner.ts';

export interface LogRecord {
  readonly sequence: bigint;
  /** A buffer of its own, which is not reused. */
  readonly payload: Uint8Array;
}

export interface ReadSegmentOptions {
  /**
   * What to do where the segment ends within a record, or has a bad record that no later commit follows: `refuse` with
   * `log-corrupt`, or `end` there, as recovery would cut it. For the highest segment. @default refuse
   */
  readonly tornTail?: 'refuse' | 'end';
}

/**
 * The records of one segment, in order, each verified before it is given. Keeps 256 KiB and its records in memory.
 * Throws `log-corrupt` with offset and sequence where the segment is damaged.
 */
export async function* readSegment(
  disk: Disk,
  path: string,
  options: ReadSegmentOptions = {},
): AsyncGenerator<LogRecord> {
  try {
    const file = await disk.openRead(path);
    try {
      yield* recordsOf(file, path, options.tornTail ?? 'refuse');
    } finally {
      await file.close();
    }
  } catch (error) {
    throw sourceFailure(`read ${path}`, error);
  }
}

/** Header of a segment; undefined where a crash during rotation left none. */
export async function readSegmentHeader(
  disk: Disk,
  path: string,
): Promise<SegmentHeader | undefined> {
  const file = await disk.openRead(path);
  try {
    const scanner = new RecordScanner();
    for await (const piece of readPieces(file, 0, SEGMENT_HEADER_BYTES)) scanner.update(piece);
    return scanner.header;
  } catch (error) {
    if (!(error instanceof SegmentFault)) throw error;
    if (error.unknownVersion) throw corruptSegment(path, error);
    return undefined;
  } finally {
    await file.close();
  }
}

async function* recordsOf(
  file: DiskFile,
  path: string,
  tornTail: 'refuse' | 'end',
): AsyncGenerator<LogRecord> {
  // A writer may be appending: bytes after this size are not read.
  const sizeBytes = await sizeOf(file);
  const collector = new RecordCollector();
  const scanner = new RecordScanner(collector);
  for await (const piece of readPieces(file, 0, sizeBytes)) {
    const fault = faultOf(() => scanner.update(piece));
    yield* collector.take();
    if (fault !== undefined) return assertTornTail(file, path, scanner, sizeBytes, fault, tornTail);
  }
  const fault = faultOf(() => scanner.finish());
  if (fault !== undefined) await assertTornTail(file, path, scanner, sizeBytes, fault, tornTail);
}

function faultOf(step: () => void): SegmentFault | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    if (error instanceof SegmentFault) return error;
    throw error;
  }
}

async function assertTornTail(
  file: DiskFile,
  path: string,
  scanner: RecordScanner,
  sizeBytes: number,
  fault: SegmentFault,
  tornTail: 'refuse' | 'end',
): Promise<void> {
  const { header, end: offset, nextSequence: sequence } = scanner;
  if (tornTail === 'refuse' || fault.unknownVersion) throw corruptSegment(path, fault);
  if (header === undefined && sizeBytes <= SEGMENT_HEADER_BYTES) return;
  if (header === undefined) throw corruptSegment(path, fault);
  const bad = { offset, sequence, sizeBytes, segmentCrc: header.crc };
  if ((await findCommitAfter(file, bad)) !== undefined) throw corruptSegment(path, fault);
}

/** Assembles payloads, and gives the records that have been verified. */
class RecordCollector {
  #proved: LogRecord[] = [];
  #payload = new Uint8Array(0);
  #filledBytes = 0;

  begin({ payloadBytes }: { readonly payloadBytes: number }): void {
    this.#payload = new Uint8Array(payloadBytes);
    this.#filledBytes = 0;
  }

  payload(piece: Uint8Array): void {
    this.#payload.set(piece, this.#filledBytes);
    this.#filledBytes += piece.length;
  }

  record({ sequence }: { readonly sequence: bigint }): void {
    this.#proved.push({ sequence, payload: this.#payload });
  }

  take(): LogRecord[] {
    const proved = this.#proved;
    this.#proved = [];
    return proved;
  }
}
