/** Authenticates and authorises each request, except health checks and the login page. */
import basicAuth from '@fastify/basic-auth';
import bearerAuth from '@fastify/bearer-auth';
import { isLoopback } from '@walq/role';
import type { DashboardConfig } from '@walq/config';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { identify, requiresLogin, type Credentials } from './credentials.ts';
import { addLoginLimit, type Attempt, type LoginLimit } from './login-limit.ts';
import { addSessions } from './sessions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The user: a name, `token`, the proxy's `X-Forwarded-User`, or `loopback`. */
    user: string;
  }
}

export interface Guard {
  readonly dashboard: DashboardConfig;
  readonly limit: LoginLimit;
  readonly logger: Logger;
}

/** Served without authentication: health checks and the login page. */
const OPEN = new Set(['/healthz', '/readyz', '/login', '/login.css']);

export async function addGuard(
  server: FastifyInstance,
  dashboard: DashboardConfig,
  logger: Logger,
): Promise<Guard> {
  await addSessions(server);
  const guard = { dashboard, logger, limit: await addLoginLimit(server) };
  server.decorateRequest('user', '');
  await addAuthorization(server, dashboard);
  server.addHook('onRequest', async (request, reply) => {
    if (!isOurHost(guard, request)) {
      return sendError(reply, 421, 'this host name is not accepted', 'Open the page at 127.0.0.1.');
    }
    if (OPEN.has(pathOf(request))) return;
    const attempt = await authenticate(server, guard, request, reply);
    if (!('user' in attempt)) return reject(guard, attempt, request, reply);
    request.user = attempt.user;
    if (!isWrite(request)) return;
    if (!isSameOrigin(request)) {
      return sendError(reply, 403, 'actions are accepted only from the dashboard’s own page');
    }
    if (attempt.user === UNNAMED) {
      const hint = 'Configure the proxy to set X-Forwarded-User.';
      return sendError(reply, 403, 'the proxy did not send a user name', hint);
    }
  });
  return guard;
}

/** The two plugins only parse the `Authorization` header; `identify` alone decides who the user is. */
async function addAuthorization(
  server: FastifyInstance,
  dashboard: DashboardConfig,
): Promise<void> {
  const isAdmitted = (request: FastifyRequest, offered: Credentials): boolean => {
    request.user = identify(dashboard, offered) ?? '';
    return request.user !== '';
  };
  await server.register(bearerAuth, {
    keys: [],
    addHook: false,
    specCompliance: 'rfc6749',
    auth: (secret, request) => isAdmitted(request, { secret }),
  });
  await server.register(basicAuth, {
    validate: async (username, secret, request) => {
      if (!isAdmitted(request, { username, secret })) throw new Error('wrong credentials');
    },
  });
}

/** The path without the query. */
export const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] ?? '';

const isWrite = ({ method }: FastifyRequest): boolean =>
  !['GET', 'HEAD', 'OPTIONS'].includes(method);

/**
 * Without authentication the page is for this host only. The check stops DNS rebinding: a foreign page must not reach
 * it through a name of its own that resolves to the loopback.
 */
function isOurHost({ dashboard }: Guard, { hostname }: FastifyRequest): boolean {
  if (requiresLogin(dashboard) || dashboard.trustedProxy) return true;
  return isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

async function authenticate(
  server: FastifyInstance,
  { dashboard, limit }: Guard,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Attempt> {
  if (!requiresLogin(dashboard)) {
    return { user: dashboard.trustedProxy ? proxyUser(request) : 'loopback' };
  }
  const { user } = request.session;
  if (user !== undefined) return { user };
  const scheme = request.headers.authorization?.split(' ', 1)[0]?.toLowerCase();
  const { verifyBearerAuth, basicAuth } = server;
  const check = scheme === 'bearer' ? verifyBearerAuth : scheme === 'basic' ? basicAuth : undefined;
  if (check === undefined) return { waitS: 0 };
  await new Promise<void>((done) => {
    check.call(server, request, reply, () => done());
  });
  return limit(request, request.user === '' ? undefined : request.user);
}

/** The user where the proxy sent no name. */
const UNNAMED = 'proxy';

function proxyUser({ headers }: FastifyRequest): string {
  const name = headers['x-forwarded-user'];
  return typeof name === 'string' && name !== '' ? name.slice(0, 128) : UNNAMED;
}

async function reject(
  { logger }: Guard,
  { waitS }: { readonly waitS: number },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { ip, headers } = request;
  if (waitS > 0) {
    reply.header('retry-after', waitS);
    return sendError(reply, 429, `too many failed logins; try again in ${waitS} s`);
  }
  if (headers.authorization !== undefined) logger.warn({ from: ip }, 'wrong credentials');
  const wantsPage = request.method === 'GET' && headers.accept?.includes('text/html') === true;
  if (wantsPage) return reply.redirect('/login', 302);
  reply.header('www-authenticate', 'Bearer realm="walq"');
  const hint = 'Log in at /login, or send the header Authorization: Bearer TOKEN.';
  return sendError(reply, 401, 'authentication required', hint);
}

/** Browsers send these headers with each request; other clients send neither. */
function isSameOrigin({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const { origin } = headers;
  return origin === undefined || hostOf(origin) === host;
}

const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;

/** Sends an error in the format that all routes use. */
export const sendError = (
  reply: FastifyReply,
  status: number,
  message: string,
  hint = '',
): FastifyReply => reply.code(status).send({ code: 'refused', message, hint });
