import { createHash } from 'node:crypto';
import { z } from 'zod';
import { adviceOn } from '../../base/failure/advice.ts';
import { isFailureCode, type FailureCode } from '../../base/failure/catalogue.ts';
import { reasonOf } from '../../base/failure/system-error.ts';

export const QUARANTINE_VERSION = 1;

/** Why a segment was set aside. */
export interface QuarantineReason {
  readonly segment: string;
  readonly code: FailureCode;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  /** ISO 8601. */
  readonly quarantinedAt: string;
  readonly worker: string;
}

/** A segment that was set aside. Its record stands in the archive, outside Redis. */
export interface QuarantineRecord extends QuarantineReason {
  readonly version: typeof QUARANTINE_VERSION;
  readonly source: string;
}

/** A record as it was found. */
export interface ListedRecord extends QuarantineRecord {
  /** Name of the record itself, which stands also where what it says is damaged. */
  readonly record: string;
}

const recordSchema = z.looseObject({
  version: z.literal(QUARANTINE_VERSION),
  source: z.string(),
  segment: z.string().min(1),
  code: z.string().refine(isFailureCode, 'unknown code'),
  message: z.string(),
  hint: z.string(),
  quarantinedAt: z.iso.datetime(),
  worker: z.string(),
});

/** Name of a segment's record within its folder: any segment's name fits, and none climbs out. */
export const recordNameOf = (segment: string): string =>
  createHash('sha256').update(segment, 'utf8').digest('hex');

export const quarantineText = (source: string, reason: QuarantineReason): string => {
  const { segment, code, message, hint, quarantinedAt, worker } = reason;
  const record: QuarantineRecord = {
    version: QUARANTINE_VERSION,
    source,
    segment,
    code,
    message,
    hint,
    quarantinedAt,
    worker,
  };
  return `${JSON.stringify(record)}\n`;
};

/**
 * The record of this name. A damaged one still sets its segment aside, so it is reported as a record
 * of its own, with code `quarantine-malformed` and the record's name where the segment's should be.
 */
export function parseRecord(source: string, name: string, text: string): ListedRecord {
  try {
    const record = recordSchema.parse(JSON.parse(text));
    if (recordNameOf(record.segment) === name && record.source === source)
      return { ...record, record: name };
    return malformed(source, name, `it is the record of '${record.segment}' of '${record.source}'`);
  } catch (error) {
    return malformed(
      source,
      name,
      error instanceof z.ZodError ? z.prettifyError(error) : reasonOf(error),
    );
  }
}

function malformed(source: string, name: string, why: string): ListedRecord {
  const code = 'quarantine-malformed';
  return {
    version: QUARANTINE_VERSION,
    source,
    segment: name,
    code,
    message: `unable to read the quarantine record ${source}/_walq/quarantine/${name}.json: ${why}`,
    hint: adviceOn(code, source, name),
    quarantinedAt: new Date(0).toISOString(),
    worker: '',
    record: name,
  };
}
