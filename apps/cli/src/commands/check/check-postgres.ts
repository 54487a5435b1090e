/** Whether a PostgreSQL server really archives: its settings, this user's rights, and a segment's whole way. */
import {
  archiveKeyOf,
  isAdmitted,
  nodeDisk,
  openStoreOf,
  readOwnerOf,
  readCluster,
  readIdentity,
  shellWord,
  WalqError,
} from '@walq/wal-core/internal';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresSource } from '../../postgres/postgres-source.ts';
import { withServer, type Server } from '../../postgres/server.ts';
import { showDuration } from '../../terminal/human.ts';
import { finding, ok, warning, type Finding, type Subject } from './finding.ts';
import { assertMayWrite, isOwn, userName } from '../../sources/owner.ts';

export interface PostgresCheckOptions {
  /** Whether to end a segment and wait until it is archived. */
  readonly switchWal: boolean;
  readonly timeoutMs: number;
}

const POLL_MS = 50;

export async function checkPostgres(
  source: PostgresSource,
  options: PostgresCheckOptions,
): Promise<readonly Finding[]> {
  const subject = { check: 'source', name: source.name } as const;
  const files = await finding(subject, () => checkFiles(subject, source));
  const server = await finding(
    subject,
    () => withServer(source, (connected) => checkServer(subject, source, connected, options)),
    options.timeoutMs,
  );
  return [...files, ...server];
}

async function checkFiles(subject: Subject, source: PostgresSource): Promise<Finding[]> {
  const { dataDirectory } = source.sealedRule;
  const cluster = await readCluster(nodeDisk, dataDirectory);
  const version = cluster.majorVersion === 0 ? 'of an unknown version' : cluster.majorVersion;
  const facts = `PostgreSQL ${version}, system ${cluster.systemIdentifier}, segments of ${cluster.segmentBytes / 2 ** 20} MiB`;
  await assertMayWrite({ argv: ['check'] }, source);
  await assertOwnState(source);
  return [ok(subject, facts), ...(await finding(subject, () => checkAdmitted(subject, source)))];
}

/** An archive takes WAL of the instance that began it, and of those that were admitted. */
async function checkAdmitted(subject: Subject, source: PostgresSource): Promise<Finding[]> {
  const store = openStoreOf(source, nodeDisk);
  const owner = await readOwnerOf(nodeDisk, source, store);
  if (owner === undefined) return [ok(subject, 'the archive does not know it yet')];
  const own = await readIdentity(nodeDisk, source);
  if (own === owner.sourceId) return [];
  if (own !== undefined && (await isAdmitted(store, source.name, own))) return [];
  throw new WalqError('instance-not-admitted', {
    message: 'another instance archives under this name, and this one is not admitted',
    hint: `If it is to archive there: walq adopt ${source.name}. A clone gets a source name of its own.`,
  });
}

/** A run as another user may have left files here that the server's own cannot write. */
async function assertOwnState({ sealedRule }: PostgresSource): Promise<void> {
  const { stateDirectory, dataDirectory } = sealedRule;
  const names = await readdir(stateDirectory, { recursive: true }).catch(() => []);
  for (const path of [stateDirectory, ...names.map((name) => join(stateDirectory, name))]) {
    if (await isOwn(path)) continue;
    const user = await userName((await stat(dataDirectory)).uid);
    throw new WalqError('other-user', {
      message: `${path} does not belong to user ${user}, who runs PostgreSQL`,
      hint: `Give it back: sudo chown -R ${shellWord(user)} ${shellWord(stateDirectory)}`,
    });
  }
}

interface SettingsRow {
  readonly archive_mode: string;
  readonly archive_command: string;
  readonly archive_library: string | null;
  readonly archive_timeout: string;
  readonly wal_level: string;
  readonly standby: boolean;
}

const settingsQuestion = `
  select current_setting('archive_mode') as archive_mode, current_setting('archive_command') as archive_command,
    current_setting('archive_library', true) as archive_library,
    extract(epoch from current_setting('archive_timeout')::interval)::text as archive_timeout,
    current_setting('wal_level') as wal_level, pg_is_in_recovery() as standby`;

async function checkServer(
  subject: Subject,
  source: PostgresSource,
  server: Server,
  { switchWal, timeoutMs }: PostgresCheckOptions,
): Promise<Finding[]> {
  const settings = await server.row<SettingsRow>(settingsQuestion);
  const found = settingsFindings(subject, settings);
  const mayArchive = found.every(({ state }) => state !== 'failed');
  if (!switchWal || !mayArchive || settings.standby) return found;
  const look = async (): Promise<Finding[]> => [await checkWay(subject, source, server, timeoutMs)];
  const way = await finding(subject, look, timeoutMs);
  return [...found, ...way];
}

function settingsFindings(subject: Subject, settings: SettingsRow): Finding[] {
  const { archive_mode: mode, archive_command: command, archive_library: library } = settings;
  const found: Finding[] = [];
  const fail = (message: string, hint: string): void =>
    void found.push({ ...subject, state: 'failed', message, code: 'server-settings', hint });
  if (mode === 'off') fail('archive_mode is off', 'Set archive_mode = on and restart the server.');
  const usesLibrary = library !== null && library !== '';
  if (usesLibrary) {
    const hint = "walq is a command. Set archive_library = '' to have archive_command run.";
    found.push(
      warning(subject, `archive_library is '${library}', so archive_command is not used`, hint),
    );
  } else if (command === '') {
    fail('archive_command is empty', "Set archive_command = 'walq wal-push %p' and reload.");
  } else if (!command.includes('wal-push') && mode !== 'off') {
    const hint = 'A script may call it: whether it does shows when a segment is archived.';
    found.push(warning(subject, `archive_command does not name walq wal-push: '${command}'`, hint));
  }
  if (settings.wal_level === 'minimal') {
    fail('wal_level is minimal', 'Set wal_level = replica and restart the server.');
  }
  if (settings.standby && mode === 'on') {
    found.push(warning(subject, 'is a standby, which archives with archive_mode = always alone'));
  }
  if (Number(settings.archive_timeout) === 0) {
    const hint = 'With archive_timeout = 60 at most a minute of writes is not archived.';
    found.push(
      warning(subject, 'archive_timeout is 0: a segment is archived only once it is full', hint),
    );
  }
  const isSound = found.every(({ state }) => state !== 'failed');
  return isSound ? [ok(subject, `archive_mode ${mode}, ${command}`), ...found] : found;
}

/** Ends a segment that holds something, and waits until it is in the archive and PostgreSQL has its answer. */
async function checkWay(
  subject: Subject,
  source: PostgresSource,
  server: Server,
  timeoutMs: number,
): Promise<Finding> {
  const startedMs = performance.now();
  await server.row("select pg_logical_emit_message(false, 'walq', 'check')");
  const { name } = await server.row<{ name: string }>(
    'select pg_walfile_name(pg_switch_wal()) as name',
  );
  const isDone = async (): Promise<boolean> =>
    (await isArchived(source, name)) && (await isAnswered(server, name));
  while (!(await isDone())) {
    if (performance.now() - startedMs > timeoutMs) throw notArchived(name, timeoutMs);
    await sleep(POLL_MS);
  }
  const took = showDuration(performance.now() - startedMs);
  return ok(subject, `segment ${name} was ended, archived and confirmed in ${took}`);
}

async function isArchived(source: PostgresSource, name: string): Promise<boolean> {
  const store = openStoreOf(source, nodeDisk);
  const owner = await readOwnerOf(nodeDisk, source, store);
  const segment = owner?.naming.parse(name);
  return (
    segment !== undefined && (await store.stat(archiveKeyOf(source.name, segment))) !== undefined
  );
}

async function isAnswered(server: Server, name: string): Promise<boolean> {
  const sql = `select coalesce(last_archived_wal >= '${name}', false) as answered from pg_stat_archiver`;
  return (await server.row<{ answered: boolean }>(sql)).answered;
}

const notArchived = (name: string, timeoutMs: number): WalqError =>
  new WalqError('timed-out', {
    message: `segment ${name} was not archived within ${timeoutMs / 1_000} s`,
    hint: "Check that archive_command calls walq wal-push %p, and what the server's log says of it; walq status shows what is due.",
  });
