/** What can be checked of a segment's contents before anything is stored. */
import { createLogFormatCheck } from '../log/format-check.ts';
import { PostgresFormatCheck, type PostgresFormat } from '../source/postgres/page-check.ts';

export type SegmentFormat = 'raw' | 'log' | PostgresFormat;

/** As the manifest says it. */
export const formatName = (format: SegmentFormat): 'raw' | 'log' | 'postgres' =>
  typeof format === 'string' ? format : format.kind;

/** First and last record of a segment, as decimal text, where its format knows them. */
export interface Positions {
  readonly firstPosition: string | null;
  readonly lastPosition: string | null;
}

/** Fed with a segment's bytes in order; throws `segment-malformed` at the first that is wrong. */
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
