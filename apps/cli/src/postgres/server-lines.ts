import { showAge, showBytes, showCount } from '../terminal/human.ts';
import { printable } from '../terminal/printable.ts';
import type { Behind, ServerLag, UnknownLag } from './server-lag.ts';

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
