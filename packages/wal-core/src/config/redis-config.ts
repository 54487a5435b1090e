import { resolve } from 'node:path';
import { readLinkedFile, type Disk } from '../disk/index.ts';
import { reasonOf } from '../failure/index.ts';
import { showAddress } from './address.ts';
import type { RedisConfig, RedisServers } from './config.ts';
import { problemAt } from './problems.ts';
import type { RedisTable } from './redis-schema.ts';
import { showRedisUrl } from './redis-url.ts';
import { Secret } from './secret.ts';
import type { Settings } from './settings.ts';

interface Reading {
  readonly disk: Disk;
  readonly settings: Settings;
  /** What is wrong with the files is added here. */
  readonly problems: string[];
}

/** The connection of a checked table `[redis]`, with what its files hold; undefined without a server. */
export async function redisConfigOf(
  table: RedisTable,
  reading: Reading,
): Promise<RedisConfig | undefined> {
  const { url } = table;
  const password = await readFileOf(reading, 'password_file', table.password_file);
  const certificateAuthority = await readFileOf(reading, 'ca_file', table.ca_file);
  const servers = serversOf(table);
  if (servers === undefined) return undefined;
  return {
    servers,
    shown: url === undefined ? showServers(servers) : showRedisUrl(url),
    database: url?.database ?? 0,
    tls: url?.tls ?? certificateAuthority !== undefined,
    certificateAuthority,
    username: table.username ?? url?.username,
    password: password === undefined ? url?.password : new Secret(withoutLineEnd(password)),
  };
}

function serversOf({ url, sentinels, master_name }: RedisTable): RedisServers | undefined {
  if (url !== undefined) return { kind: 'single', address: url.address };
  if (sentinels === undefined || master_name === undefined) return undefined;
  return { kind: 'sentinel', sentinels, masterName: master_name };
}

function showServers(servers: RedisServers): string {
  if (servers.kind === 'single') return showAddress(servers.address);
  return `${servers.masterName} by sentinels ${servers.sentinels.map(showAddress).join(', ')}`;
}

async function readFileOf(
  { disk, settings, problems }: Reading,
  key: string,
  file: string | undefined,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const path = resolve(settings.originOf(['redis', key]).baseDirectory, file);
  const text = await readLinkedFile(disk, path).catch((error: unknown) => {
    problems.push(problemAt(settings, ['redis', key], `unable to read it: ${reasonOf(error)}`));
    return '';
  });
  if (text === undefined) {
    problems.push(problemAt(settings, ['redis', key], `expected a file, found nothing at ${path}`));
  }
  return text;
}

/** Editors and `echo` end a file with a newline that is no part of the password. */
const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, '');
