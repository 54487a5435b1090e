/**
 * Verifies a segment's bytes in pieces of any size, in constant memory: the header, then the checksum and sequence of
 * every record. A visitor receives the payloads.
 */
import { crc32c } from '../base/native.ts';
import {
  decodeRecordHeader,
  decodeSegmentHeader,
  LOG_VERSION,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  type RecordHeader,
  type SegmentHeader,
} from './layout.ts';

/** Called for each record of a scan. Payloads are unverified until `record` is called. */
export interface RecordVisitor {
  /** A record begins; its payload follows. */
  begin?(record: RecordHeader): void;
  /** A piece of the payload; valid only during the call. */
  payload?(piece: Uint8Array): void;
  /** The record is whole and its checksum is correct. `offset` is its start in the segment. */
  record?(record: RecordHeader, offset: number): void;
  /** The mark of a clean close. */
  mark?(offset: number): void;
}

/** The bytes are wrong at `offset`, where the record `sequence` is expected; undefined for the header. */
export class SegmentFault extends Error {
  override readonly name = 'SegmentFault';
  readonly offset: number;
  readonly sequence: bigint | undefined;
  readonly unknownVersion: boolean;

  constructor(reason: string, offset: number, sequence?: bigint, unknownVersion = false) {
    super(reason);
    this.offset = offset;
    this.sequence = sequence;
    this.unknownVersion = unknownVersion;
  }
}

export class RecordScanner {
  readonly #visitor: RecordVisitor;
  /** The part of a header of the segment or of a record that has been received. */
  readonly #gathered = Buffer.alloc(SEGMENT_HEADER_BYTES);
  #gatheredBytes = 0;
  #header: SegmentHeader | undefined;
  #record: RecordHeader | undefined;
  #payloadLeft = 0;
  #crc = 0;
  #end = 0;
  #next = 0n;

  constructor(visitor: RecordVisitor = {}) {
    this.#visitor = visitor;
  }

  /** Undefined until it has been received whole. */
  get header(): SegmentHeader | undefined {
    return this.#header;
  }

  /** End of the last verified record, or of the header. */
  get end(): number {
    return this.#end;
  }

  /** Sequence number of the next record. */
  get nextSequence(): bigint {
    return this.#next;
  }

  /** Takes the next bytes; throws a `SegmentFault` at the first that are wrong. */
  update(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      at += this.#record === undefined ? this.#gather(chunk, at) : this.#takePayload(chunk, at);
    }
  }

  /** Throws a `SegmentFault` when the bytes end within the header or a record. */
  finish(): void {
    if (this.#header === undefined) throw this.#fault('the segment ends within its header');
    if (this.#record !== undefined || this.#gatheredBytes > 0) {
      throw this.#fault('the segment ends within a record');
    }
  }

  #gather(chunk: Uint8Array, at: number): number {
    const needed = this.#header === undefined ? SEGMENT_HEADER_BYTES : RECORD_HEADER_BYTES;
    const piece = chunk.subarray(at, at + needed - this.#gatheredBytes);
    this.#gathered.set(piece, this.#gatheredBytes);
    this.#gatheredBytes += piece.length;
    if (this.#gatheredBytes === needed) this.#decode(this.#header);
    return piece.length;
  }

  #decode(segment: SegmentHeader | undefined): void {
    if (segment === undefined) this.#beginSegment();
    else this.#beginRecord(segment);
    this.#gatheredBytes = 0;
  }

  #beginSegment(): void {
    const header = decodeSegmentHeader(this.#gathered);
    if (header === undefined) throw this.#fault('the header of the segment is damaged');
    if ('unknownVersion' in header) throw unknownVersion(header.unknownVersion);
    this.#header = header;
    this.#next = header.firstSequence;
    this.#end = SEGMENT_HEADER_BYTES;
  }

  #beginRecord(segment: SegmentHeader): void {
    const record = decodeRecordHeader(this.#gathered, 0, segment.crc);
    if (record === undefined) throw this.#fault('the length of the record is impossible');
    if (record.sequence !== this.#next) throw this.#fault(`it has sequence ${record.sequence}`);
    this.#record = record;
    this.#crc = record.crcOfHeader;
    this.#payloadLeft = record.payloadBytes;
    if (!record.isMark) this.#visitor.begin?.(record);
    if (this.#payloadLeft === 0) this.#endRecord(record);
  }

  #takePayload(chunk: Uint8Array, at: number): number {
    const piece = chunk.subarray(at, at + this.#payloadLeft);
    this.#crc = crc32c(piece, this.#crc);
    this.#payloadLeft -= piece.length;
    this.#visitor.payload?.(piece);
    if (this.#payloadLeft === 0 && this.#record !== undefined) this.#endRecord(this.#record);
    return piece.length;
  }

  #endRecord(record: RecordHeader): void {
    if (this.#crc !== record.crc) throw this.#fault('the CRC-32C of the record is wrong');
    const offset = this.#end;
    this.#end += RECORD_HEADER_BYTES + record.payloadBytes;
    this.#record = undefined;
    if (record.isMark) return this.#visitor.mark?.(offset);
    this.#next += 1n;
    this.#visitor.record?.(record, offset);
  }

  #fault(reason: string): SegmentFault {
    const sequence = this.#header === undefined ? undefined : this.#next;
    return new SegmentFault(reason, this.#end, sequence);
  }
}

const unknownVersion = (version: number): SegmentFault =>
  new SegmentFault(
    `the segment is of version ${version}, this walq reads ${LOG_VERSION}`,
    0,
    undefined,
    true,
  );
