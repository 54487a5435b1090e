import { isLoopback } from '@walq/role';
import { showAddress, WalqError, type DashboardConfig } from '@walq/wal-core';

/**
 * Beyond this machine the dashboard wants to know who is there, or a proxy in front that does; and always who acts,
 * for any user of this machine reaches the loopback.
 *
 * @throws WalqError `configuration-invalid`
 */
export function assertKnowsWhoAsks(dashboard: DashboardConfig): void {
  if (wantsLogin(dashboard) || dashboard.trustedProxy) return;
  if (!dashboard.readOnly) {
    throw new WalqError('configuration-invalid', {
      message: `dashboard.read_only = false without a login: any user of this machine could act at ${showAddress(dashboard.listen)}`,
      hint: 'Set dashboard.token_file, or username and password_file; or trusted_proxy = true where only a proxy that authenticates can reach it; or leave read_only = true.',
    });
  }
  if (isLoopback(dashboard.listen.host)) return;
  throw new WalqError('configuration-invalid', {
    message: `the dashboard does not listen at ${showAddress(dashboard.listen)} without authentication`,
    hint: 'Set dashboard.token_file, or username and password_file; or trusted_proxy = true where only a proxy that authenticates can reach it; or listen at 127.0.0.1.',
  });
}

export const wantsLogin = ({ token, login }: DashboardConfig): boolean =>
  token !== undefined || login !== undefined;
