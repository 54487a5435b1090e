/** A login that lasts: a cookie that only this process can have signed. It is forgotten with the process. */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';

export const SESSION_COOKIE = 'walq-session';
export const SESSION_MS = 12 * 3_600_000;

/** More logouts within the life of a session than this end the sessions of all. */
const ENDED_MAX = 10_000;

export class Sessions {
  #key = randomBytes(32);
  #ended = new Set<string>();

  /** The cookie's value. */
  begin(user: string, nowMs = Date.now()): string {
    const id = randomUUID();
    const json = JSON.stringify({ id, user, until: nowMs + SESSION_MS });
    const claim = Buffer.from(json).toString('base64url');
    return `${claim}.${this.#sign('session', claim)}`;
  }

  /** Whose session it is; undefined for one that is over, or not of this process. */
  userOf(cookie: string | undefined, nowMs = Date.now()): string | undefined {
    const [claim = '', signature = ''] = (cookie ?? '').split('.');
    if (!same(signature, this.#sign('session', claim))) return undefined;
    if (this.#ended.has(claim)) return undefined;
    const { user, until } = JSON.parse(Buffer.from(claim, 'base64url').toString()) as {
      readonly user: string;
      readonly until: number;
    };
    return until > nowMs ? user : undefined;
  }

  /** From now on nobody gets in with this cookie, whoever kept it. */
  end(cookie: string | undefined): void {
    if (this.userOf(cookie) === undefined) return;
    if (this.#ended.size >= ENDED_MAX) {
      this.#key = randomBytes(32);
      this.#ended = new Set();
    }
    this.#ended.add((cookie ?? '').split('.')[0] ?? '');
  }

  /** What the page sends with each action, and no other page can know. */
  csrfFor(user: string): string {
    return this.#sign('csrf', user);
  }

  isCsrfFor(user: string, token: unknown): boolean {
    return typeof token === 'string' && same(token, this.csrfFor(user));
  }

  #sign(purpose: string, text: string): string {
    return createHmac('sha256', this.#key).update(`${purpose}:${text}`).digest('base64url');
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
