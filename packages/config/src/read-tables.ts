/** Converts checked tables to the configuration, and reads the files that they name: passwords, tokens, certificates. */
import { resolve, join } from 'node:path';
import { readLinkedFile, type Disk, reasonOf, type ArchiveSettings } from '@walq/wal-core/internal';
import { problemAt } from './problems.ts';
import { Secret } from './secret.ts';
import type { Settings } from './settings.ts';
import type { ArchiveTable } from './archive-table.ts';
import type { Environment } from './environment.ts';
import { stateDirectory } from './own-directories.ts';
import { showAddress } from './address.ts';
import type { RedisConfig, RedisServers, DashboardConfig } from './config.ts';
import type { RedisTable } from './redis-table.ts';
import { showRedisUrl } from './redis-url.ts';
import type { DashboardTable } from './dashboard-table.ts';

export interface Reading {
  readonly disk: Disk;
  readonly settings: Settings;
  /** Problems with the files are added here. */
  readonly problems: string[];
}

/** Reads the file that is named at a key; undefined if none is named. */
export async function readNamedFile(
  { disk, settings, problems }: Reading,
  key: readonly string[],
  file: string | undefined,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const path = resolve(settings.originOf(key).baseDirectory, file);
  const text = await readLinkedFile(disk, path).catch((error: unknown) => {
    problems.push(problemAt(settings, key, `unable to read ${path}: ${reasonOf(error)}`));
    return '';
  });
  if (text === undefined) {
    problems.push(problemAt(settings, key, `expected a file, found nothing at ${path}`));
  }
  return text;
}

/** As `readNamedFile`, for a file that contains one secret. */
export async function readSecret(
  reading: Reading,
  key: readonly string[],
  file: string | undefined,
): Promise<Secret | undefined> {
  const text = await readNamedFile(reading, key, file);
  return text === undefined ? undefined : new Secret(withoutLineEnd(text));
}

/** Editors and `echo` end a file with a newline, which is not part of the secret. */
const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, '');

/** The settings for reaching archives, from `[archive]`. */
export async function archiveSettingsOf(
  { s3, max_bytes_per_second: maxBytesPerSecond }: ArchiveTable,
  reading: Reading,
  env: Environment,
): Promise<ArchiveSettings> {
  const certificateAuthority = await readNamedFile(
    reading,
    ['archive', 's3', 'ca_file'],
    s3.ca_file,
  );
  return {
    maxBytesPerSecond,
    s3: {
      certificateAuthority,
      endpoint: s3.endpoint,
      region: s3.region,
      addressing: s3.addressing,
      encryption: s3.encryption,
      kmsKeyId: s3.kms_key_id,
      stagingDirectory: stagingOf(s3.staging, reading.settings, env),
      stagingBytesMax: s3.staging_bytes_max,
      deadlines: {
        connectMs: s3.connect_timeout,
        idleMs: s3.idle_timeout,
        callMs: s3.call_timeout,
      },
    },
  };
}

function stagingOf(
  path: string | undefined,
  settings: Settings,
  env: Environment,
): string | undefined {
  if (path === undefined) {
    const own = stateDirectory(env);
    return own === undefined ? undefined : join(own, 'staging');
  }
  return resolve(settings.originOf(['archive', 's3', 'staging']).baseDirectory, path);
}

/** The connection of `[redis]`; undefined if no server is configured. */
export async function redisConfigOf(
  table: RedisTable,
  reading: Reading,
): Promise<RedisConfig | undefined> {
  const { url } = table;
  const password = await readSecret(reading, ['redis', 'password_file'], table.password_file);
  const certificateAuthority = await readNamedFile(reading, ['redis', 'ca_file'], table.ca_file);
  const servers = serversOf(table);
  if (servers === undefined) return undefined;
  return {
    servers,
    shown: url === undefined ? showServers(servers) : showRedisUrl(url),
    database: url?.database ?? 0,
    tls: url?.tls ?? certificateAuthority !== undefined,
    certificateAuthority,
    username: table.username ?? url?.username,
    password: password ?? url?.password,
  };
}

function serversOf({ url, sentinels, master_name }: RedisTable): RedisServers | undefined {
  if (url !== undefined) return url.servers;
  if (sentinels === undefined || master_name === undefined) return undefined;
  return { kind: 'sentinel', sentinels, masterName: master_name };
}

function showServers(servers: RedisServers): string {
  if (servers.kind === 'single') return showAddress(servers.address);
  if (servers.kind === 'socket') return servers.path;
  return `${servers.masterName} by sentinels ${servers.sentinels.map(showAddress).join(', ')}`;
}

/** Long enough not to be guessed: this secret protects the dashboard's actions. */
const SECRET_CHARACTERS_MIN = 12;

/** The settings of `[dashboard]`. */
export async function dashboardConfigOf(
  table: DashboardTable,
  reading: Reading,
): Promise<DashboardConfig> {
  const { listen, read_only, trusted_proxy, username } = table;
  const token = await longSecret(reading, 'token_file', table.token_file);
  const password = await longSecret(reading, 'password_file', table.password_file);
  const login =
    username === undefined || password === undefined ? undefined : { username, password };
  return { listen, readOnly: read_only, trustedProxy: trusted_proxy, token, login };
}

async function longSecret(
  reading: Reading,
  name: string,
  file: string | undefined,
): Promise<Secret | undefined> {
  const key = ['dashboard', name];
  const before = reading.problems.length;
  const secret = await readSecret(reading, key, file);
  const length = secret?.reveal().length ?? SECRET_CHARACTERS_MIN;
  if (length < SECRET_CHARACTERS_MIN && reading.problems.length === before) {
    const words = `expected at least ${SECRET_CHARACTERS_MIN} characters in the file, found ${length}`;
    reading.problems.push(problemAt(reading.settings, key, words));
  }
  return secret;
}
