/**
 * Checks a `log` segment before it is archived. Runs in the threads that read segments, chunk by chunk along with the
 * source checksum, so it must import little.
 */
import { WalqError } from '../base/failure/walq-error.ts';
import { RecordScanner, SegmentFault } from './record-scanner.ts';

export interface LogFormatCheck {
  /** Takes the next bytes of the segment, in pieces of any size. */
  update(chunk: Uint8Array): void;
  /** To be called at the end of the segment. Its positions are null where the segment has no record. */
  finish(): LogPositions;
}

/** Sequence numbers of a segment's first and last record, as decimal text. */
export interface LogPositions {
  readonly firstPosition: string | null;
  readonly lastPosition: string | null;
}

/**
 * A check of one segment of walq's own log, in constant memory. `update` and `finish` throw `segment-malformed`, with
 * the offset, for a wrong header, checksum or sequence and for an end within a record; they throw
 * `archive-format-unknown` for a segment of a newer walq.
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
  const where =
    fault.sequence === undefined ? '' : `, where sequence ${fault.sequence} is expected`;
  return new WalqError('segment-malformed', {
    message: `not a segment of a walq log: ${fault.message}, at offset ${fault.offset}${where}`,
  });
}
