/** What became of one segment. */
export type Outcome = 'archived' | 'already-archived' | 'duplicate' | 'quarantined' | 'failed';

/**
 * Where a segment's time went, in milliseconds. Reading, compressing and writing run interleaved, chunk by
 * chunk; each has its own share.
 */
export interface StageTimes {
  /** Reading the source. */
  readonly readMs: number;
  /** Checksum, format check and zstd. */
  readonly compressMs: number;
  /** Staging, writing, fsync and publishing. */
  readonly storeMs: number;
  /** Decoding and comparing, and making a found object durable. */
  readonly confirmMs: number;
  /** Comparing and removing the source; 0 where it is kept. */
  readonly deleteMs: number;
}

/** The report of one segment's archiving. */
export interface SegmentReport {
  readonly segment: string;
  /** Length of the segment. */
  readonly bytesIn: number;
  /** Length of the object in the archive. */
  readonly bytesOut: number;
  readonly durationMs: number;
  readonly outcome: Outcome;
  /** Absent where this process did not archive it. */
  readonly stages?: StageTimes;
}
