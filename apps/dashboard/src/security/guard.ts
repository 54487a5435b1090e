/** Stands before every route but health: who is asking, and may they? */
import cookie from '@fastify/cookie';
import { isLoopback } from '@walq/role';
import type { DashboardConfig } from '@walq/wal-core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { admit, offeredIn } from './credentials.ts';
import { LoginPace, type Attempt } from './login-pace.ts';
import { wantsLogin } from './assert-knows-who-asks.ts';
import { refuse } from './refuse.ts';
import { SESSION_COOKIE, Sessions } from './session.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is asking: a name, `token`, what the proxy says, or `loopback`. */
    user: string;
  }
}

export interface Guard {
  readonly dashboard: DashboardConfig;
  readonly sessions: Sessions;
  readonly pace: LoginPace;
  readonly logger: Logger;
}

/** Answered without asking who: what supervisors need, and the way in. */
const OPEN = new Set(['/healthz', '/readyz', '/login', '/login.css']);

export async function addGuard(
  server: FastifyInstance,
  dashboard: DashboardConfig,
  logger: Logger,
): Promise<Guard> {
  const guard = { dashboard, logger, sessions: new Sessions(), pace: new LoginPace() };
  await server.register(cookie);
  server.decorateRequest('user', '');
  server.addHook('onRequest', async (request, reply) => {
    if (!isOurHost(guard, request)) {
      return refuse(reply, 421, 'this host name is not the dashboard’s');
    }
    if (OPEN.has(pathOf(request))) return;
    const attempt = await whoAsks(guard, request);
    if (!('user' in attempt)) return turnAway(guard, attempt, request, reply);
    request.user = attempt.user;
    if (!isWrite(request)) return;
    if (!isSameOrigin(request)) {
      return refuse(reply, 403, 'an action has to come from the dashboard’s own page');
    }
    if (attempt.user === UNNAMED) {
      return refuse(reply, 403, 'the proxy does not say who acts', 'Have it set X-Forwarded-User.');
    }
  });
  return guard;
}

/** Without what was asked for in particular. */
export const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] ?? '';

export const isWrite = ({ method }: FastifyRequest): boolean =>
  !['GET', 'HEAD', 'OPTIONS'].includes(method);

/**
 * Without authentication the page is for this machine: a foreign page must not reach it under a name of its
 * own that resolves to the loopback.
 */
function isOurHost({ dashboard }: Guard, { hostname }: FastifyRequest): boolean {
  if (wantsLogin(dashboard) || dashboard.trustedProxy) return true;
  return isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

async function whoAsks(guard: Guard, request: FastifyRequest): Promise<Attempt> {
  const { dashboard, sessions, pace } = guard;
  if (!wantsLogin(dashboard)) {
    return { user: dashboard.trustedProxy ? proxyUser(request) : 'loopback' };
  }
  const known = sessions.userOf(request.cookies[SESSION_COOKIE]);
  if (known !== undefined) return { user: known };
  const offered = offeredIn(request.headers.authorization);
  if (offered === undefined) return { waitS: 0 };
  return pace.attempt(request.ip, () => admit(dashboard, offered));
}

/** Whom a proxy sends that does not say who it is. */
const UNNAMED = 'proxy';

function proxyUser({ headers }: FastifyRequest): string {
  const name = headers['x-forwarded-user'];
  return typeof name === 'string' && name !== '' ? name.slice(0, 128) : UNNAMED;
}

async function turnAway(
  { logger }: Guard,
  { waitS }: { readonly waitS: number },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { ip, headers } = request;
  if (waitS > 0) {
    reply.header('retry-after', waitS);
    return refuse(reply, 429, `too many wrong logins; try again in ${waitS} s`);
  }
  if (headers.authorization !== undefined) logger.warn({ from: ip }, 'wrong credentials');
  const wantsPage = request.method === 'GET' && headers.accept?.includes('text/html') === true;
  if (wantsPage) return reply.redirect('/login');
  reply.header('www-authenticate', 'Bearer realm="walq"');
  return refuse(reply, 401, 'log in first: /login, or send Authorization: Bearer');
}

/** What a browser sends along says where the request was made; what is not a browser sends nothing. */
function isSameOrigin({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const { origin } = headers;
  return origin === undefined || hostOf(origin) === host;
}

const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;
