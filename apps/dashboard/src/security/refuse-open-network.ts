import { showAddress, WalqError, type DashboardConfig } from '@walq/wal-core';
import { isIP } from 'node:net';

/** Beyond this machine the dashboard wants to know who is there, or a proxy in front that does. */
export function refuseOpenNetwork(dashboard: DashboardConfig): void {
  if (isLoopback(dashboard.listen.host) || wantsLogin(dashboard) || dashboard.trustedProxy) return;
  throw new WalqError('configuration-invalid', {
    message: `the dashboard does not listen at ${showAddress(dashboard.listen)} without authentication`,
    hint: 'Set dashboard.token_file, or username and password_file; or trusted_proxy = true where only a proxy that authenticates can reach it; or listen at 127.0.0.1.',
  });
}

export const wantsLogin = ({ token, login }: DashboardConfig): boolean =>
  token !== undefined || login !== undefined;

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
