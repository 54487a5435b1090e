/** Compares the archive with the server's own position. */
import {
  asWalqError,
  parseLsn,
  parseWalFile,
  segmentNumber,
  startLsn,
  type FailureRecord,
  type LastArchived,
} from '@walq/wal-core/internal';
import { printable } from '@walq/wal-core/printable';
import type { PostgresSource } from './postgres-source.ts';
import { withServer } from './server.ts';
import { showAge, showBytes, showCount } from '../terminal/human.ts';

export interface ServerLag {
  readonly version: string;
  /** 8 hexadecimal digits. */
  readonly timeline: string;
  /** LSN up to which the server has written, or a standby has replayed, in PostgreSQL's notation. */
  readonly position: string;
  readonly isStandby: boolean;
  /** WAL that is not archived; null if the newest archived segment is on another timeline. */
  readonly behind: Behind | null;
  readonly archiver: ArchiverStatistics;
}

interface Behind {
  readonly bytes: number;
  /** Complete segments, without the one that is being written. */
  readonly segments: number;
  /** Since the newest segment was archived; 0 if nothing was written since. */
  readonly seconds: number;
}

/** From `pg_stat_archiver`. */
interface ArchiverStatistics {
  readonly archivedCount: number;
  readonly failedCount: number;
  readonly lastFailedWal: string | null;
  /** ISO 8601. */
  readonly lastFailedTime: string | null;
  /** Whether its last attempt failed. */
  readonly isFailing: boolean;
}

export interface UnknownLag {
  readonly problem: FailureRecord;
}

interface LagRow {
  readonly version: string;
  readonly standby: boolean;
  readonly timeline: number;
  readonly segment_bytes: string;
  readonly position: string;
  readonly archived_count: string;
  readonly failed_count: string;
  readonly last_failed_wal: string | null;
  readonly last_failed_time: Date | null;
  readonly is_failing: boolean | null;
}

/** On a primary the timeline comes from the WAL position: after a promotion, the checkpoint still names the old one. */
const lagQuery = `
  select current_setting('server_version') as version, pg_is_in_recovery() as standby,
    case when pg_is_in_recovery() then (pg_control_checkpoint()).timeline_id
      else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end as timeline,
    pg_size_bytes(current_setting('wal_segment_size')) as segment_bytes,
    case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end::text as position,
    archived_count, failed_count, last_failed_wal, last_failed_time,
    last_failed_time > coalesce(last_archived_time, '-infinity') as is_failing
  from pg_stat_archiver`;

/** Never rejects: the rest of the status is valid without the server's answer. */
export async function serverLag(
  source: PostgresSource,
  last: LastArchived | null,
): Promise<ServerLag | UnknownLag> {
  try {
    return lagOf(await withServer(source, (server) => server.row<LagRow>(lagQuery)), last);
  } catch (error) {
    const { code, message, hint } = asWalqError(error);
    return { problem: { code, message, hint } };
  }
}

function lagOf(row: LagRow, last: LastArchived | null): ServerLag {
  const timeline = row.timeline.toString(16).toUpperCase().padStart(8, '0');
  return {
    version: row.version.split(' ')[0] ?? row.version,
    timeline,
    position: row.position,
    isStandby: row.standby,
    behind: behindOf(row, timeline, last),
    archiver: {
      archivedCount: Number(row.archived_count),
      failedCount: Number(row.failed_count),
      lastFailedWal: row.last_failed_wal,
      lastFailedTime: row.last_failed_time?.toISOString() ?? null,
      isFailing: row.is_failing ?? false,
    },
  };
}

function behindOf(row: LagRow, timeline: string, last: LastArchived | null): Behind | null {
  const file = last === null ? undefined : parseWalFile(last.segment);
  const position = parseLsn(row.position);
  if (last === null || file?.timeline !== timeline || position === undefined) return null;
  const segmentBytes = Number(row.segment_bytes);
  const number = segmentNumber(file, segmentBytes);
  if (number === undefined) return null;
  const bytes = Number(position - startLsn(number + 1n, segmentBytes));
  if (bytes <= 0) return { bytes: 0, segments: 0, seconds: 0 };
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(last.archivedAt)) / 1_000));
  return { bytes, segments: Math.floor(bytes / segmentBytes), seconds };
}

/** The lines of `walq status` on a server. `waiting` is the number of files that are due or in quarantine. */
export function serverLines(
  source: string,
  server: ServerLag | UnknownLag | undefined,
  waiting: number,
): string[] {
  if (server === undefined) return [];
  if ('problem' in server) return [`server     ${source}: ${printable(server.problem.message)}`];
  const { version, timeline, position, isStandby, behind, archiver } = server;
  const role = isStandby ? 'standby' : 'primary';
  const lines = [
    `server     ${source}: PostgreSQL ${version}, ${role}, timeline ${Number(`0x${timeline}`)}, at ${position}; ${shown(behind, waiting)}`,
  ];
  if (archiver.isFailing) {
    const when = `${archiver.lastFailedWal ?? '?'} at ${archiver.lastFailedTime ?? '?'}`;
    const times = showCount(archiver.failedCount, 'failure');
    lines.push(`archiver   ${source}: FAILING: last failure ${when}; ${times}; see the server log`);
  } else {
    const { archivedCount, failedCount } = archiver;
    const last =
      archiver.lastFailedTime === null ? '' : `, last failure at ${archiver.lastFailedTime}`;
    const failures = `${showCount(failedCount, 'failure')}${failedCount === 0 ? '' : last}`;
    lines.push(`archiver   ${source}: ${showCount(archivedCount, 'file')} archived, ${failures}`);
  }
  return lines;
}

function shown(behind: Behind | null, waiting: number): string {
  if (behind === null) return 'no file of this timeline is archived yet';
  const except = waiting === 0 ? '' : ` except ${showCount(waiting, 'file')}`;
  if (behind.bytes === 0) return `all WAL is archived${except}`;
  const segments =
    behind.segments === 0
      ? 'current segment only'
      : `${showCount(behind.segments, 'complete segment')} and the current one`;
  const last = showAge(behind.seconds * 1_000);
  const open = `not archived: ${showBytes(behind.bytes)} (${segments}), ${last} old`;
  return waiting === 0 ? open : `${open}; all WAL before that is archived${except}`;
}
