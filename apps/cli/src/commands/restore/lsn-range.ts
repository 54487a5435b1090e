/** A part of the WAL by timeline and log sequence numbers, as arguments of a command. */
import { parseLsn, timelineName, type LsnRange } from '@walq/wal-core/internal';
import { UsageError } from '../../command-line/usage-error.ts';

export interface LsnOptions {
  readonly from?: string;
  readonly until?: string;
  readonly timeline?: string;
  readonly fromLsn?: string;
  readonly untilLsn?: string;
}

/** Undefined if none is given. @throws UsageError */
export function lsnRangeOf(options: LsnOptions): LsnRange | undefined {
  const { timeline, fromLsn, untilLsn } = options;
  if ([timeline, fromLsn, untilLsn].every((given) => given === undefined)) return undefined;
  assertNoSegments(options);
  const [from, until] = [lsnOf('--from-lsn', fromLsn), lsnOf('--until-lsn', untilLsn)];
  if (from !== undefined && until !== undefined && from > until) {
    throw new UsageError(`--from-lsn ${fromLsn} is after --until-lsn ${untilLsn}`, 'Swap them.');
  }
  const named = timeline === undefined || timeline === 'latest' ? undefined : numberOf(timeline);
  return {
    ...(named !== undefined && { timeline: named }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
  };
}

function assertNoSegments({ from, until }: LsnOptions): void {
  if (from === undefined && until === undefined) return;
  throw new UsageError(
    'a range is given by segments or by log sequence numbers, not by both',
    'Use --from and --until, or --timeline, --from-lsn and --until-lsn.',
  );
}

function lsnOf(option: string, text: string | undefined): bigint | undefined {
  const lsn = text === undefined ? undefined : parseLsn(text);
  if (text === undefined || lsn !== undefined) return lsn;
  throw new UsageError(
    `'${text}' for ${option} is not a log sequence number`,
    'Write it as PostgreSQL prints it: 2/4A000028.',
  );
}

/** A decimal number, as `recovery_target_timeline` takes it, or the 8 digits that begin a segment's name. */
function numberOf(text: string): string {
  const number = /^[0-9A-Fa-f]{8}$/.test(text)
    ? Number.parseInt(text, 16)
    : /^\d{1,7}$/.test(text)
      ? Number(text)
      : 0;
  if (number > 0) return timelineName(number);
  throw new UsageError(
    `'${text}' is not a timeline`,
    'Give a number such as 3, the 8 digits that begin the names of its segments, or latest.',
  );
}
