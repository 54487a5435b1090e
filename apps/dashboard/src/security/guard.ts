/** Stands before every route but health: who is asking, and may they? */
import basicAuth from '@fastify/basic-auth';
import bearerAuth from '@fastify/bearer-auth';
import { isLoopback } from '@walq/role';
import type { DashboardConfig } from '@walq/config';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { admit, wantsLogin, type Offered } from './credentials.ts';
import { addLoginLimit, type Attempt, type LoginLimit } from './login-limit.ts';
import { addSessions } from './sessions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is asking: a name, `token`, what the proxy says, or `loopback`. */
    user: string;
  }
}

export interface Guard {
  readonly dashboard: DashboardConfig;
  readonly limit: LoginLimit;
  readonly logger: Logger;
}

/** Answered without asking who: what supervisors need, and the way in. */
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
      return refuse(reply, 421, 'this host name is not the dashboard’s');
    }
    if (OPEN.has(pathOf(request))) return;
    const attempt = await whoAsks(server, guard, request, reply);
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

/** What an `Authorization` header holds is read by these two; `admit` alone says who that is. */
async function addAuthorization(
  server: FastifyInstance,
  dashboard: DashboardConfig,
): Promise<void> {
  const isAdmitted = (request: FastifyRequest, offered: Offered): boolean => {
    request.user = admit(dashboard, offered) ?? '';
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

/** Without what was asked for in particular. */
export const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] ?? '';

const isWrite = ({ method }: FastifyRequest): boolean =>
  !['GET', 'HEAD', 'OPTIONS'].includes(method);

/**
 * Without authentication the page is for this machine: a foreign page must not reach it under a name of its
 * own that resolves to the loopback.
 */
function isOurHost({ dashboard }: Guard, { hostname }: FastifyRequest): boolean {
  if (wantsLogin(dashboard) || dashboard.trustedProxy) return true;
  return isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

async function whoAsks(
  server: FastifyInstance,
  { dashboard, limit }: Guard,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Attempt> {
  if (!wantsLogin(dashboard)) {
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
  if (wantsPage) return reply.redirect('/login', 302);
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

/** A refusal as every part of the API gives it. */
export const refuse = (
  reply: FastifyReply,
  status: number,
  message: string,
  hint = '',
): FastifyReply => reply.code(status).send({ code: 'refused', message, hint });
