import type { RedisOptions } from 'ioredis';
import { WalqError } from '@walq/wal-core/internal';

/** Address and credentials of Redis, as in the table `[redis]` of the configuration. */
export interface RedisSettings {
  readonly servers: RedisServers;
  /** Number of the logical database. @default 0 */
  readonly database?: number;
  /** @default false */
  readonly tls?: boolean;
  /** Certificate authorities in PEM. @default the system's own */
  readonly certificateAuthority?: string | undefined;
  readonly username?: string | undefined;
  /** Revealed only when connecting. */
  readonly password?: { reveal(): string } | undefined;
}

export type RedisServers =
  | { readonly kind: 'single'; readonly address: RedisAddress }
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly RedisAddress[];
      readonly masterName: string;
    };

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** `redis://[user[:password]@]host[:port][/database]` (`rediss://` for TLS), `unix:///path?db=0`, or full settings. */
export type RedisLocation = string | RedisSettings;

/** The ioredis options that all connections to one server share. */
export function locationOptions(location: RedisLocation): RedisOptions {
  const settings = typeof location === 'string' ? parseLocation(location) : location;
  const tls = settings.tls === true ? tlsOptions(settings) : {};
  return {
    ...serverOptions(settings.servers),
    ...tls,
    db: settings.database ?? 0,
    ...(settings.username === undefined ? {} : { username: settings.username }),
    ...(settings.password === undefined ? {} : { password: settings.password.reveal() }),
  };
}

/** The server as text for messages, without secrets. */
export function showRedis(location: RedisLocation): string {
  const { servers, tls } = typeof location === 'string' ? parseLocation(location) : location;
  const show = ({ host, port }: RedisAddress): string => `${host}:${port}`;
  if (servers.kind === 'single') return `${tls ? 'rediss' : 'redis'}://${show(servers.address)}`;
  if (servers.kind === 'socket') return `unix://${servers.path}`;
  return `'${servers.masterName}' of the sentinels ${servers.sentinels.map(show).join(', ')}`;
}

function serverOptions(servers: RedisServers): RedisOptions {
  if (servers.kind === 'single') return { ...servers.address };
  if (servers.kind === 'socket') return { path: servers.path };
  return { sentinels: servers.sentinels.map((at) => ({ ...at })), name: servers.masterName };
}

function tlsOptions({ certificateAuthority, servers }: RedisSettings): RedisOptions {
  const tls = certificateAuthority === undefined ? {} : { ca: certificateAuthority };
  return servers.kind === 'sentinel'
    ? { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }
    : { tls };
}

const REDIS_PORT = 6379;

function parseLocation(text: string): RedisSettings {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'unix:') {
    const path = decodeURIComponent(url.pathname);
    return {
      servers: { kind: 'socket', path },
      database: Number(url.searchParams.get('db') ?? 0),
    };
  }
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol)) throw notARedisUrl();
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const password = decodeURIComponent(url.password);
  return {
    servers: { kind: 'single', address: { host, port: Number(url.port || REDIS_PORT) } },
    database: Number(url.pathname.slice(1)),
    tls: url.protocol === 'rediss:',
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: password === '' ? undefined : { reveal: () => password },
  };
}

const notARedisUrl = (): WalqError =>
  new WalqError('configuration-invalid', {
    message: 'the address of Redis is not a redis://, rediss:// or unix:// URL',
    hint: 'Write it like redis://127.0.0.1:6379.',
  });
