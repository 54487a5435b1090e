/** A gap that an operator knows and has explained. Its record stands in the archive and never goes away by itself. */
export interface AcknowledgedGap {
  /** The last segment before the gap, and the first behind it. */
  readonly after: string;
  readonly before: string;
  /** Why the segments are missing, in the operator's words. */
  readonly reason: string;
  /** Who said so. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}
