/** The dashboard's HTTP server: security headers first, then authentication, then the routes. */
import files from '@fastify/static';
import type { Observer } from '@walq/archive-queue';
import type { DashboardConfig } from '@walq/config';
import { createBoundedServer, type Health } from '@walq/role';
import { isWalqError } from '@walq/wal-core/internal';
import { printableJson } from '@walq/wal-core/printable';
import { fastify, type FastifyInstance } from 'fastify';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { addActionRoutes, type ActionParts } from './api/action-routes.ts';
import { addBoard } from './api/board.ts';
import { addSourceRoutes, addStateRoutes, type ReadParts } from './api/read-routes.ts';
import { addGuard, sendError } from './security/guard.ts';
import { addHeaders } from './security/headers.ts';
import { addLogin } from './security/login-page.ts';

interface ServerParts extends ReadParts, ActionParts {
  readonly dashboard: DashboardConfig;
  readonly observer: Observer;
  readonly health: Health;
}

const BODY_BYTES_MAX = 65_536;

/** A browser opens up to six connections for the page and one for its event stream. */
const BOUNDS = { connectionsMax: 256, requestsPerConnectionMax: 1_000 };

export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const { dashboard, observer, health, logger } = parts;
  const server = fastify({
    logger: false,
    serverFactory: (handler) => createBoundedServer(BOUNDS, handler),
    forceCloseConnections: true,
    // Only the address that the proxy itself added counts; a client can forge the ones before it.
    trustProxy: dashboard.trustedProxy && ((_address: string, hop: number) => hop === 0),
    bodyLimit: BODY_BYTES_MAX,
  });
  // Values from Redis and archives must not send control characters to the terminal of someone using curl.
  server.setReplySerializer((payload) => printableJson(JSON.stringify(payload)));
  // A foreign page can send text/plain without a CORS preflight.
  server.removeContentTypeParser('text/plain');
  await addHeaders(server);
  const guard = await addGuard(server, dashboard, logger);
  addErrors(server, logger);
  addHealth(server, health);
  await addLogin(server, guard);
  addStateRoutes(server, parts);
  addSourceRoutes(server, parts);
  if (!dashboard.readOnly) addActionRoutes(server, parts);
  await addBoard(server, observer);
  await addPage(server);
  return server;
}

/** The details of an internal error go to the log only; the client gets a status. */
function addErrors(server: FastifyInstance, logger: Logger): void {
  server.setNotFoundHandler((_request, reply) => sendError(reply, 404, 'not found'));
  server.setErrorHandler((error, request, reply) => {
    if (isWalqError(error)) {
      const { code, message, hint } = error;
      return reply.code(503).send({ code, message, hint });
    }
    const status = statusOf(error);
    if (status >= 500) logger.error({ err: error, path: request.url }, 'request failed');
    const message = status >= 500 ? 'internal error; see the dashboard log' : 'bad request';
    return sendError(reply, status, message);
  });
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status === 'number' && status >= 400) return status;
  return error instanceof Error && error.name === 'ZodError' ? 400 : 500;
}

/** The health endpoints of `metrics.listen` again, for a proxy that reaches only the page's port. */
function addHealth(server: FastifyInstance, health: Health): void {
  const role = 'dashboard';
  server.get('/healthz', async (_request, reply) => {
    const why = health.unsound?.();
    return reply.code(why === undefined ? 200 : 503).send({ role, ok: why === undefined, why });
  });
  server.get('/readyz', async (_request, reply) => {
    const why = health.notReady();
    return reply.code(why.length === 0 ? 200 : 503).send({ role, ready: why.length === 0, why });
  });
}

const pageRoot = fileURLToPath(new URL('page', import.meta.url));

/** The archive page: static files from the build. */
async function addPage(server: FastifyInstance): Promise<void> {
  await server.register(files, {
    root: pageRoot,
    // The name of an asset changes with its content; the name of the page that loads them does not.
    setHeaders: (reply, path) => {
      const isAsset = path.includes('/assets/');
      const immutable = 'public, max-age=31536000, immutable';
      reply.header('cache-control', isAsset ? immutable : 'no-cache');
    },
  });
}
