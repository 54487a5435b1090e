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
  const url = URL.canParse(text) ? new URL(text) : undefined;
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
    /^\/?\d{0,4}$/.test(url.pathname) &&
    url.search === '' &&
    url.hash === '' &&
    isDecodable(url.username) &&
    isDecodable(url.password)
  );
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
