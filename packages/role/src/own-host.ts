/** The host names that a listener without a login accepts. A web page could otherwise reach it by DNS rebinding. */
import { isIP } from 'node:net';
import { hostname } from 'node:os';

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

export interface OwnHosts {
  /** The address that the listener is bound to. */
  readonly listen: string;
  /** Further names from the configuration. */
  readonly allowed: readonly string[];
}

/**
 * True for a `Host` header that a page of another site cannot cause: on the loopback interface, a loopback name; elsewhere
 * also an IP address, a name without a dot, which nobody can register, and this host's own name.
 */
export function isOwnHost(header: string | undefined, { listen, allowed }: OwnHosts): boolean {
  // Every browser sends the header, so this is not a browser.
  if (header === undefined) return true;
  const host = hostIn(header);
  if (isLoopback(host) || allowed.includes(host)) return true;
  if (isLoopback(listen)) return false;
  return isIP(host) !== 0 || !host.includes('.') || host === hostname().toLowerCase();
}

/** The host without the port, and without the brackets of an IPv6 address. */
function hostIn(header: string): string {
  const { v6, name } = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:]*))(?::\d*)?$/.exec(header)?.groups ?? {};
  return (v6 ?? name ?? '').toLowerCase();
}
