import type { Address } from './config.ts';
import { showAddress } from './address.ts';
import { Secret } from './secret.ts';

const REDIS_PORT = 6379;

export interface RedisUrl {
  readonly address: Address;
  readonly database: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
}

/** `redis[s]://[user[:password]@]host[:port][/database]`; undefined for anything else. */
export function parseRedisUrl(text: string): RedisUrl | undefined {
  const url = redisUrlFault(text) === undefined && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isRedisUrl(url)) return undefined;
  return {
    address: {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || REDIS_PORT),
    },
    database: Number(url.pathname.slice(1)),
    tls: url.protocol === 'rediss:',
    username: decoded(url.username),
    password: url.password === '' ? undefined : new Secret(decodeURIComponent(url.password)),
  };
}

function isRedisUrl(url: URL): boolean {
  return (
    ['redis:', 'rediss:'].includes(url.protocol) &&
    url.hostname !== '' &&
    /^\/?\d{0,4}$/.test(url.pathname)
  );
}

/** What a URL parser would drop, or take for something else. The text itself is not shown: it may hold a password. */
export function redisUrlFault(text: string): string | undefined {
  if (/[\s\p{Cc}]/u.test(text)) return 'holds white space; write a space as %20';
  if (/[?#]/.test(text)) return "write '#' as %23 and '?' as %3F";
  if (!isDecodable(text))
    return "has a '%' that begins no escaped UTF-8 character; write '%' as %25";
  if (/\/\/[^@]*\/.*@/.test(text)) return "write '/' in a user or password as %2F";
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

/** As text, without user and password. */
export const showRedisUrl = ({ address, database, tls }: RedisUrl): string =>
  `${tls ? 'rediss' : 'redis'}://${showAddress(address)}${database === 0 ? '' : `/${database}`}`;
