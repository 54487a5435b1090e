import { showAddress, WalqError, type Address } from '@walq/wal-core';
import { isIP } from 'node:net';

/** Without authentication of its own the dashboard is for this machine alone. */
export function refuseOpenNetwork(address: Address): void {
  if (isLoopback(address.host)) return;
  throw new WalqError('configuration-invalid', {
    message: `the dashboard has no authentication yet and does not listen at ${showAddress(address)}`,
    hint: 'Listen at 127.0.0.1 and reach it through an SSH tunnel or a proxy that authenticates.',
  });
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
