import type { AcknowledgedGap } from './acknowledged-gap.ts';

/** Numbers that are missing between two segments that are there. */
export interface Gap {
  readonly source: string;
  /** The last segment before the gap, and the first behind it. */
  readonly after: string;
  readonly before: string;
  /** How many numbers are missing. */
  readonly missing: number;
}

export interface KnownGap extends Gap {
  /** Null while nobody has explained it. */
  readonly acknowledged: AcknowledgedGap | null;
}
