import type { AcknowledgedGap } from '../../archive/acknowledged-gaps.ts';

export type SpanState = 'archived' | 'due' | 'missing' | 'acknowledged' | 'quarantined';

/** Neighbouring segments of one state. */
export interface Span {
  readonly state: SpanState;
  /** Names of the first and the last; of missing ones, of their neighbours that are there. */
  readonly first: string;
  readonly last: string;
  readonly count: number;
  /** Of state `acknowledged`. */
  readonly explanation?: AcknowledgedGap;
}

export const isGap = ({ state }: Span): boolean => state === 'missing' || state === 'acknowledged';
