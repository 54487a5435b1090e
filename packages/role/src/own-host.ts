/** Under which names a listener without a login answers: a foreign page's name may resolve to its address. */
import { isIP } from 'node:net';
import { hostname } from 'node:os';

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

export interface OwnHosts {
  /** Where the listener listens. */
  readonly listen: string;
  /** Further names that the configuration allows. */
  readonly allowed: readonly string[];
}

/**
 * True for a `Host` header that no page of another site can bring about: on the loopback a name of the loopback;
 * elsewhere also an address, a name without a dot, which nobody can register, and this host's own.
 */
export function isOwnHost(header: string | undefined, { listen, allowed }: OwnHosts): boolean {
  // No browser leaves it out.
  if (header === undefined) return true;
  const host = hostIn(header);
  if (isLoopback(host) || allowed.includes(host)) return true;
  if (isLoopback(listen)) return false;
  return isIP(host) !== 0 || !host.includes('.') || host === hostname().toLowerCase();
}

/** Without the port, and an IPv6 address without its brackets. */
function hostIn(header: string): string {
  const { v6, name } = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:]*))(?::\d*)?$/.exec(header)?.groups ?? {};
  return (v6 ?? name ?? '').toLowerCase();
}
