import { showAddress } from './address.ts';
import type { RedisConfig, RedisServers } from './config.ts';
import { readNamedFile, readSecret, type Reading } from './named-file.ts';
import type { RedisTable } from './redis-schema.ts';
import { showRedisUrl } from './redis-url.ts';

/** The connection of a checked table `[redis]`, with what its files hold; undefined without a server. */
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
