/** A login that lasts: a cookie that only this process can have signed. It is forgotten with the process. */
import cookie from '@fastify/cookie';
import session, { type SessionStore } from '@fastify/session';
import type { FastifyInstance, FastifyRequest, Session } from 'fastify';
import { LRUCache } from 'lru-cache';
import { createHmac, randomBytes } from 'node:crypto';
import { isSame } from './credentials.ts';

declare module 'fastify' {
  interface Session {
    /** Who logged in; undefined for whoever did not. */
    user?: string;
  }
}

export const SESSION_COOKIE = 'walq-session';

/** From the login on, whatever is asked meanwhile. */
const SESSION_MS = 12 * 3_600_000;
/** One more login ends the session that was used least recently. */
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
  // Only what lasts: the session itself holds the request that it came with, and what was typed there.
  set: (id, { cookie, user }, done) =>
    done(void sessions.set(id, { cookie, ...(user !== undefined && { user }) } as Session)),
  destroy: (id, done) => done(void sessions.delete(id)),
});

/** Under a name of its own, so that nobody keeps the session that a browser had before. */
export async function beginSession(request: FastifyRequest, user: string): Promise<void> {
  await request.session.regenerate();
  request.session.options({ secure: request.protocol === 'https' });
  request.session.user = user;
}

const csrfKey = randomBytes(32);

/** What the page sends with each action, and no other page can know. */
export const csrfFor = (user: string): string =>
  createHmac('sha256', csrfKey).update(user).digest('base64url');

export const isCsrfFor = (user: string, token: unknown): boolean =>
  typeof token === 'string' && isSame(token, csrfFor(user));
