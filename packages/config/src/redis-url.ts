import type { RedisServers } from './config.ts';
import { showAddress } from './address.ts';
import { Secret } from './secret.ts';

const REDIS_PORT = 6379;

export interface RedisUrl {
  readonly servers: Exclude<RedisServers, { kind: 'sentinel' }>;
  readonly database: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
}

/** `unix:///path[?db=0]`, with the path percent-encoded. */
const SOCKET_URL = /^unix:\/\/(?<path>\/[^?#]+)(?:\?db=(?<database>\d{1,4}))?$/;

/** Parses `redis[s]://[user[:password]@]host[:port][/database]` or `unix:///path[?db=0]`; undefined for anything else. */
export function parseRedisUrl(text: string): RedisUrl | undefined {
  if (text.startsWith('unix:')) return parseSocketUrl(text);
  const url = redisUrlFault(text) === undefined && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isRedisUrl(url)) return undefined;
  return {
    servers: {
      kind: 'single',
      address: {
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: Number(url.port || REDIS_PORT),
      },
    },
    database: Number(url.pathname.slice(1)),
    tls: url.protocol === 'rediss:',
    username: decoded(url.username),
    password: url.password === '' ? undefined : new Secret(decodeURIComponent(url.password)),
  };
}

function parseSocketUrl(text: string): RedisUrl | undefined {
  if (redisUrlFault(text) !== undefined) return undefined;
  const { path, database = '0' } = SOCKET_URL.exec(text)?.groups ?? {};
  if (path === undefined) return undefined;
  return {
    servers: { kind: 'socket', path: decodeURIComponent(path) },
    database: Number(database),
    tls: false,
    username: undefined,
    password: undefined,
  };
}

function isRedisUrl(url: URL): boolean {
  return (
    ['redis:', 'rediss:'].includes(url.protocol) &&
    url.hostname !== '' &&
    /^\/?\d{0,4}$/.test(url.pathname)
  );
}

/** Reports what a URL parser would drop or misread. Does not quote the text, which may contain a password. */
export function redisUrlFault(text: string): string | undefined {
  if (/[\s\p{Cc}]/u.test(text)) return 'contains white space; write a space as %20';
  const isSocket = SOCKET_URL.test(text);
  if (!isSocket && /[?#]/.test(text)) return "write '#' as %23 and '?' as %3F";
  if (!isDecodable(text))
    return "contains a '%' that does not begin an escaped UTF-8 character; write '%' as %25";
  if (!isSocket && /\/\/[^@]*\/.*@/.test(text)) return "write '/' in a user or password as %2F";
  return undefined;
}

const decoded = (part: string): string | undefined =>
  part === '' ? undefined : decodeURIComponent(part);

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** The URL as text, without user and password. */
export function showRedisUrl({ servers, database, tls }: RedisUrl): string {
  if (servers.kind === 'socket') {
    return `unix://${servers.path}${database === 0 ? '' : `?db=${database}`}`;
  }
  const address = showAddress(servers.address);
  return `${tls ? 'rediss' : 'redis'}://${address}${database === 0 ? '' : `/${database}`}`;
}
