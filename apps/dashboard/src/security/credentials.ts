/** Who may come in: a token, a name with its password, or both. */
import { isLoopback } from '@walq/role';
import { showAddress, type DashboardConfig, type Secret } from '@walq/config';
import { WalqError } from '@walq/wal-core/internal';
import { createHash, timingSafeEqual } from 'node:crypto';

export const wantsLogin = ({ token, login }: DashboardConfig): boolean =>
  token !== undefined || login !== undefined;

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

export interface Offered {
  /** Undefined for a token. */
  readonly username?: string | undefined;
  readonly secret: string;
}

/** The name of whoever this is; undefined when it is nobody. Takes as long whatever is wrong. */
export function admit({ token, login }: DashboardConfig, offered: Offered): string | undefined {
  const isToken = isSecret(token, offered.secret);
  const isPassword = isSecret(login?.password, offered.secret);
  const isName = isSame(login?.username ?? '', offered.username ?? '');
  if (isPassword && isName && login !== undefined) return login.username;
  return isToken ? 'token' : undefined;
}

const isSecret = (secret: Secret | undefined, offered: string): boolean =>
  isSame(secret?.reveal() ?? '', offered) && secret !== undefined;

/** Takes equally long for texts of any length. */
export const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
