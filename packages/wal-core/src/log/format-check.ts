/**
 * What the archive can check of a `log` segment before it stores it. Runs in the threads that read
 * segments, chunk by chunk beside the source checksum, and so imports next to nothing.
 */
import { WalqError } from '../base/failure/walq-error.ts';
import { RecordScanner, SegmentFault } from './record-scanner.ts';

export interface LogFormatCheck {
  /** Takes the segment's next bytes, in pieces of any size. */
  update(chunk: Uint8Array): void;
  /** To be called at the segment's end; null where it holds no record. */
  finish(): LogPositions;
}

/** Sequence numbers of a segment's first and last record, as decimal text. */
export interface LogPositions {
  readonly firstPosition: string | null;
  readonly lastPosition: string | null;
}

/**
 * A check of one segment of walq's own log, in constant memory. `update` and `finish` throw
 * `segment-malformed`, with the offset, at a header, checksum or sequence that is wrong and at an end
 * within a record; `archive-format-unknown` for a segment that a newer walq wrote.
 */
export function createLogFormatCheck(): LogFormatCheck {
  const scanner = new RecordScanner();
  return {
    update: (chunk) => {
      orMalformed(() => scanner.update(chunk));
    },
    finish: () => {
      orMalformed(() => scanner.finish());
      return positionsOf(scanner);
    },
  };
}

function positionsOf({ header, nextSequence }: RecordScanner): LogPositions {
  if (header === undefined || header.firstSequence === nextSequence) {
    return { firstPosition: null, lastPosition: null };
  }
  return {
    firstPosition: header.firstSequence.toString(),
    lastPosition: (nextSequence - 1n).toString(),
  };
}

function orMalformed(step: () => void): void {
  try {
    step();
  } catch (error) {
    throw error instanceof SegmentFault ? malformed(error) : error;
  }
}

function malformed(fault: SegmentFault): WalqError {
  if (fault.unknownVersion) {
    return new WalqError('archive-format-unknown', { message: fault.message });
  }
  const where = fault.sequence === undefined ? '' : `, where sequence ${fault.sequence} belongs`;
  return new WalqError('segment-malformed', {
    message: `not a segment of a walq log: ${fault.message}, at offset ${fault.offset}${where}`,
  });
}
