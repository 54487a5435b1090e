import type { Address } from './config.ts';

const form = /^(?<host>\[[0-9A-Fa-f:.]+\]|[^\s:/[\]@]+):(?<port>\d{1,5})$/;

/** Parses `host:port` or `[ipv6]:port`; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const { host, port } = form.exec(text)?.groups ?? {};
  if (host === undefined || port === undefined || Number(port) > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

export const showAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
