/** The rules of retention that a command line gives. */
import {
  reasonOf,
  startOfBackup,
  WalqError,
  type RetentionRules,
  type SegmentName,
  type SegmentNaming,
} from '@walq/wal-core/internal';
import { readFile } from 'node:fs/promises';
import { UsageError } from '../../command-line/usage-error.ts';

export interface RuleOptions {
  readonly keepDays?: number;
  readonly keepSegments?: number;
  readonly keepFrom?: string;
  readonly keepBackupLabel?: readonly string[];
}

interface Named {
  readonly name: string;
  readonly naming: SegmentNaming;
}

export async function rulesOf(options: RuleOptions, source: Named): Promise<RetentionRules> {
  const { keepDays, keepSegments, keepFrom, keepBackupLabel = [] } = options;
  if (keepBackupLabel.length > 0) assertPostgres(source);
  const points = keepFrom === undefined ? [] : [segmentAt(source, keepFrom)];
  for (const file of keepBackupLabel) points.push(await startIn(source, file));
  return {
    ...(keepDays !== undefined && { keepDays }),
    ...(keepSegments !== undefined && { keepSegments }),
    keepFrom: points,
  };
}

function assertPostgres({ name, naming }: Named): void {
  if (naming.rule.kind === 'postgres') return;
  throw new UsageError(
    `source '${name}' is not of type postgres, so --keep-backup-label does not apply`,
    'Use --keep-from SEGMENT.',
  );
}

/** A segment or a file named after one, but not a history file, which has no position in the WAL. */
function segmentAt({ name, naming }: Named, text: string): SegmentName {
  const segment = naming.parse(text);
  if (segment !== undefined && !(segment.isAuxiliary && text.endsWith('.history'))) return segment;
  throw new UsageError(
    `'${text}' is not the name of a segment of source '${name}'`,
    `Run walq list ${name}, which shows the names.`,
  );
}

async function startIn(source: Named, file: string): Promise<SegmentName> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new WalqError('backup-label-malformed', {
      message: `unable to read the backup label ${file}: ${reasonOf(cause)}`,
      cause,
    });
  });
  return segmentAt(source, startOfBackup(file, text));
}
