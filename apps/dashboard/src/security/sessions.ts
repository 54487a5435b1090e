/** Login sessions: a signed cookie and a store in memory. All sessions end with the process. */
import cookie from '@fastify/cookie';
import session, { type SessionStore } from '@fastify/session';
import type { FastifyInstance, FastifyRequest, Session } from 'fastify';
import { LRUCache } from 'lru-cache';
import { createHmac, randomBytes } from 'node:crypto';
import { isSame } from './credentials.ts';

declare module 'fastify' {
  interface Session {
    /** The user who logged in; undefined without a login. */
    user?: string;
  }
}

export const SESSION_COOKIE = 'walq-session';

/** Counted from the login; activity does not extend it. */
const SESSION_MS = 12 * 3_600_000;
/** Beyond this, a login ends the least recently used session. */
const SESSIONS_MAX = 10_000;

export async function addSessions(server: FastifyInstance): Promise<void> {
  const sessions = new LRUCache<string, Session>({
    max: SESSIONS_MAX,
    ttl: SESSION_MS,
    noUpdateTTL: true,
  });
  await server.register(cookie);
  await server.register(session, {
    secret: randomBytes(32).toString('hex'),
    cookieName: SESSION_COOKIE,
    cookie: { httpOnly: true, sameSite: 'strict', maxAge: SESSION_MS },
    rolling: false,
    saveUninitialized: false,
    store: storeIn(sessions),
  });
}

const storeIn = (sessions: LRUCache<string, Session>): SessionStore => ({
  get: (id, done) => done(null, sessions.get(id)),
  // Stores the cookie and user only: the session object also references the request, with the password in it.
  set: (id, { cookie, user }, done) =>
    done(void sessions.set(id, { cookie, ...(user !== undefined && { user }) } as Session)),
  destroy: (id, done) => done(void sessions.delete(id)),
});

/** Starts a session under a new id, which prevents session fixation. */
export async function beginSession(request: FastifyRequest, user: string): Promise<void> {
  await request.session.regenerate();
  request.session.options({ secure: request.protocol === 'https' });
  request.session.user = user;
}

const csrfKey = randomBytes(32);

/** The CSRF token, which the page sends with each action and other pages cannot know. */
export const csrfFor = (user: string): string =>
  createHmac('sha256', csrfKey).update(user).digest('base64url');

export const isCsrfFor = (user: string, token: unknown): boolean =>
  typeof token === 'string' && isSame(token, csrfFor(user));
