/** Authentication by a token, by a username and password, or by either. */
import { isLoopback } from '@walq/role';
import { showAddress, type DashboardConfig, type Secret } from '@walq/config';
import { WalqError } from '@walq/wal-core/internal';
import { createHash, timingSafeEqual } from 'node:crypto';

export const requiresLogin = ({ token, login }: DashboardConfig): boolean =>
  token !== undefined || login !== undefined;

/**
 * The dashboard requires authentication, or a proxy that authenticates, in two cases: to listen on a non-loopback
 * address, and to allow actions, because any user of this host can reach the loopback.
 *
 * @throws WalqError `configuration-invalid`
 */
export function assertAuthenticationConfigured(dashboard: DashboardConfig): void {
  if (requiresLogin(dashboard) || dashboard.trustedProxy) return;
  if (!dashboard.readOnly) {
    throw new WalqError('configuration-invalid', {
      message: `dashboard.read_only = false needs authentication: without it, any user of this host could act at ${showAddress(dashboard.listen)}`,
      hint: 'Set dashboard.token_file, or username and password_file. Set trusted_proxy = true if only a proxy that authenticates can reach the dashboard. Or set read_only = true.',
    });
  }
  if (isLoopback(dashboard.listen.host)) return;
  throw new WalqError('configuration-invalid', {
    message: `the dashboard does not listen on the non-loopback address ${showAddress(dashboard.listen)} without authentication`,
    hint: 'Set dashboard.token_file, or username and password_file. Set trusted_proxy = true if only a proxy that authenticates can reach the dashboard. Or listen on 127.0.0.1.',
  });
}

export interface Credentials {
  /** Undefined for a token. */
  readonly username?: string | undefined;
  readonly secret: string;
}

/** The user's name; undefined for wrong credentials. Takes the same time whichever part is wrong. */
export function identify(
  { token, login }: DashboardConfig,
  offered: Credentials,
): string | undefined {
  const isToken = isSecret(token, offered.secret);
  const isPassword = isSecret(login?.password, offered.secret);
  const isName = isSame(login?.username ?? '', offered.username ?? '');
  if (isPassword && isName && login !== undefined) return login.username;
  return isToken ? 'token' : undefined;
}

const isSecret = (secret: Secret | undefined, offered: string): boolean =>
  isSame(secret?.reveal() ?? '', offered) && secret !== undefined;

/** Compares in constant time, whatever the lengths of the texts. */
export const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
