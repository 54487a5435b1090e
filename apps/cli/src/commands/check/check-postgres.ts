/** Checks whether a PostgreSQL server archives: its settings, the user's permissions, and one segment from end to end. */
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
  /** Whether to switch to a new segment and wait until the old one is archived. */
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

/** An archive accepts WAL of the instance that created it, and of admitted instances. */
async function checkAdmitted(subject: Subject, source: PostgresSource): Promise<Finding[]> {
  const store = openStoreOf(source, nodeDisk);
  const owner = await readOwnerOf(nodeDisk, source, store);
  if (owner === undefined) return [ok(subject, 'is not registered in the archive yet')];
  const own = await readIdentity(nodeDisk, source);
  if (own === owner.sourceId) return [];
  if (own !== undefined && (await isAdmitted(store, source.name, own))) return [];
  throw new WalqError('instance-not-admitted', {
    message: 'another instance archives under this name, and this one is not admitted',
    hint: `To let this instance archive there, run walq adopt ${source.name}. Give a clone its own source name instead.`,
  });
}

/** Finds files that walq created while it ran as another user: the server's user cannot write them. */
async function assertOwnState({ sealedRule }: PostgresSource): Promise<void> {
  const { stateDirectory, dataDirectory } = sealedRule;
  const names = await readdir(stateDirectory, { recursive: true }).catch(() => []);
  for (const path of [stateDirectory, ...names.map((name) => join(stateDirectory, name))]) {
    if (await isOwn(path)) continue;
    const user = await userName((await stat(dataDirectory)).uid);
    throw new WalqError('other-user', {
      message: `${path} does not belong to user ${user}, who runs PostgreSQL`,
      hint: `Change its owner: sudo chown -R ${shellWord(user)} ${shellWord(stateDirectory)}`,
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

const settingsQuery = `
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
  const settings = await server.row<SettingsRow>(settingsQuery);
  const found = settingsFindings(subject, settings);
  const mayArchive = found.every(({ state }) => state !== 'failed');
  if (!switchWal || !mayArchive || settings.standby) return found;
  const archived = await finding(
    subject,
    async () => [await checkArchiving(subject, source, server, timeoutMs)],
    timeoutMs,
  );
  return [...found, ...archived];
}

function settingsFindings(subject: Subject, settings: SettingsRow): Finding[] {
  const { archive_mode: mode, archive_command: command, archive_library: library } = settings;
  const found: Finding[] = [];
  const fail = (message: string, hint: string): void =>
    void found.push({ ...subject, state: 'failed', message, code: 'server-settings', hint });
  if (mode === 'off') fail('archive_mode is off', 'Set archive_mode = on and restart the server.');
  const usesLibrary = library !== null && library !== '';
  if (usesLibrary) {
    const hint = "Set archive_library = '', so that PostgreSQL runs archive_command.";
    found.push(
      warning(subject, `archive_library is '${library}', so archive_command is ignored`, hint),
    );
  } else if (command === '') {
    fail('archive_command is empty', "Set archive_command = 'walq wal-push %p' and reload.");
  } else if (!command.includes('wal-push') && mode !== 'off') {
    const hint = 'This is fine if it is a script that runs walq wal-push.';
    found.push(
      warning(subject, `archive_command does not contain walq wal-push: '${command}'`, hint),
    );
  }
  if (settings.wal_level === 'minimal') {
    fail('wal_level is minimal', 'Set wal_level = replica and restart the server.');
  }
  if (settings.standby && mode === 'on') {
    found.push(warning(subject, 'is a standby, which archives only with archive_mode = always'));
  }
  if (Number(settings.archive_timeout) === 0) {
    const hint = 'Set archive_timeout = 60 to leave at most one minute of writes unarchived.';
    found.push(
      warning(subject, 'archive_timeout is 0, so a segment is archived only when it is full', hint),
    );
  }
  const isSound = found.every(({ state }) => state !== 'failed');
  return isSound ? [ok(subject, `archive_mode ${mode}, ${command}`), ...found] : found;
}

/** Writes a message, switches to a new segment, and waits until the old one is archived and PostgreSQL knows it. */
async function checkArchiving(
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
    (await isArchived(source, name)) && (await isConfirmed(server, name));
  while (!(await isDone())) {
    if (performance.now() - startedMs > timeoutMs) throw notArchived(name, timeoutMs);
    await sleep(POLL_MS);
  }
  const took = showDuration(performance.now() - startedMs);
  return ok(subject, `segment ${name} was completed, archived and confirmed in ${took}`);
}

async function isArchived(source: PostgresSource, name: string): Promise<boolean> {
  const store = openStoreOf(source, nodeDisk);
  const owner = await readOwnerOf(nodeDisk, source, store);
  const segment = owner?.naming.parse(name);
  return (
    segment !== undefined && (await store.stat(archiveKeyOf(source.name, segment))) !== undefined
  );
}

async function isConfirmed(server: Server, name: string): Promise<boolean> {
  const sql = `select coalesce(last_archived_wal >= '${name}', false) as confirmed from pg_stat_archiver`;
  return (await server.row<{ confirmed: boolean }>(sql)).confirmed;
}

const notArchived = (name: string, timeoutMs: number): WalqError =>
  new WalqError('timed-out', {
    message: `segment ${name} was not archived within ${timeoutMs / 1_000} s`,
    hint: 'Check that archive_command runs walq wal-push %p, and read the server log. walq status shows what is due.',
  });
