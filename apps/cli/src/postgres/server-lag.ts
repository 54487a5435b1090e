/** How far the archive is behind a server, by the server's own position. */
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
  /** The log sequence number up to which it has written, or on a standby replayed, as PostgreSQL prints it. */
  readonly position: string;
  readonly isStandby: boolean;
  /** WAL that is not in the archive: null where the newest in the archive is of another timeline. */
  readonly behind: Behind | null;
  readonly archiver: ArchiverStatistics;
}

interface Behind {
  readonly bytes: number;
  /** Complete ones; the one that is being written is not counted. */
  readonly segments: number;
  /** Since the newest segment came into the archive; 0 when nothing was written since. */
  readonly seconds: number;
}

/** `pg_stat_archiver`, since its counters were reset. */
interface ArchiverStatistics {
  readonly archivedCount: number;
  readonly failedCount: number;
  readonly lastFailedWal: string | null;
  /** ISO 8601. */
  readonly lastFailedTime: string | null;
  /** Whether the last thing it did was to fail. */
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

/** A server that was promoted just now has a new timeline before it has a checkpoint on it. */
const question = `
  select current_setting('server_version') as version, pg_is_in_recovery() as standby,
    case when pg_is_in_recovery() then (pg_control_checkpoint()).timeline_id
      else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end as timeline,
    pg_size_bytes(current_setting('wal_segment_size')) as segment_bytes,
    case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end::text as position,
    archived_count, failed_count, last_failed_wal, last_failed_time,
    last_failed_time > coalesce(last_archived_time, '-infinity') as is_failing
  from pg_stat_archiver`;

/** Never rejects: without an answer the rest of the status is as true as with one. */
export async function serverLag(
  source: PostgresSource,
  last: LastArchived | null,
): Promise<ServerLag | UnknownLag> {
  try {
    return lagOf(await withServer(source, (server) => server.row<LagRow>(question)), last);
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

/** What `walq status` says of a server, for people; of a source with files that wait, due or set aside. */
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
    lines.push(`archiver   ${source}: FAILS: last with ${when}; ${times}: see the server's log`);
  } else {
    const { archivedCount, failedCount } = archiver;
    const failures = showCount(failedCount, 'failure');
    lines.push(`archiver   ${source}: ${showCount(archivedCount, 'file')} answered, ${failures}`);
  }
  return lines;
}

function shown(behind: Behind | null, waiting: number): string {
  if (behind === null) return 'the newest file in the archive, if any, is of another timeline';
  const butFor = waiting === 0 ? '' : `, but for ${showCount(waiting, 'file')}`;
  if (behind.bytes === 0) {
    return waiting === 0 ? 'all of it is archived' : `archived up to its end${butFor}`;
  }
  const segments = showCount(behind.segments, 'complete segment');
  const last = showAge(behind.seconds * 1_000);
  const open = `not archived: ${showBytes(behind.bytes)} in ${segments} and the open one, of the last ${last}`;
  return waiting === 0 ? open : `${open}; archived up to there${butFor}`;
}
