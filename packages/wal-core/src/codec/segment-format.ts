/** The format checks of a segment's content before it is stored. */
import { createLogFormatCheck } from '../log/format-check.ts';
import { PostgresFormatCheck, type PostgresFormat } from '../source/postgres/page-check.ts';

export type SegmentFormat = 'raw' | 'log' | PostgresFormat;

/** The name in the manifest. */
export const formatName = (format: SegmentFormat): 'raw' | 'log' | 'postgres' =>
  typeof format === 'string' ? format : format.kind;

/** Positions of the first and last record of a segment, as decimal text; null where its format has none. */
export interface Positions {
  readonly firstPosition: string | null;
  readonly lastPosition: string | null;
}

/** Takes a segment's bytes in order; throws `segment-malformed` at the first error. */
export interface FormatCheck {
  update(chunk: Uint8Array): void;
  finish(): Positions;
}

const rawCheck: FormatCheck = {
  update: () => undefined,
  finish: () => ({ firstPosition: null, lastPosition: null }),
};

export function newFormatCheck(format: SegmentFormat): FormatCheck {
  if (typeof format === 'object') return new PostgresFormatCheck(format);
  return format === 'log' ? createLogFormatCheck() : rawCheck;
}
