/** What became of one segment. */
export type Outcome = 'archived' | 'already-archived' | 'duplicate' | 'quarantined' | 'failed';

/** The report of one segment's archiving. */
export interface SegmentReport {
  readonly segment: string;
  /** Length of the segment. */
  readonly bytesIn: number;
  /** Length of the object in the archive. */
  readonly bytesOut: number;
  readonly durationMs: number;
  readonly outcome: Outcome;
}
