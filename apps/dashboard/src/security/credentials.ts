/** Who may come in: a token, a name with its password, or both. */
import type { DashboardConfig, Secret } from '@walq/wal-core';
import { createHash, timingSafeEqual } from 'node:crypto';

export interface Offered {
  /** Undefined for a token. */
  readonly username?: string | undefined;
  readonly secret: string;
}

/** The name of whoever this is; undefined when it is nobody. Takes as long whatever is wrong. */
export function admit({ token, login }: DashboardConfig, offered: Offered): string | undefined {
  const isToken = same(token, offered.secret);
  const isPassword = same(login?.password, offered.secret);
  const isName = sameText(login?.username ?? '', offered.username ?? '');
  if (isPassword && isName && login !== undefined) return login.username;
  return isToken ? 'token' : undefined;
}

/** What an `Authorization` header offers; undefined where there is none that is known. */
export function offeredIn(header: string | undefined): Offered | undefined {
  const { scheme, value } = /^(?<scheme>\S+) +(?<value>\S+)$/.exec(header ?? '')?.groups ?? {};
  if (value === undefined) return undefined;
  if (scheme?.toLowerCase() === 'bearer') return { secret: value };
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const [username = '', ...secret] = Buffer.from(value, 'base64').toString('utf8').split(':');
  return { username, secret: secret.join(':') };
}

const same = (secret: Secret | undefined, offered: string): boolean =>
  sameText(secret?.reveal() ?? '', offered) && secret !== undefined;

/** Of equal time for texts of any length. */
const sameText = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
