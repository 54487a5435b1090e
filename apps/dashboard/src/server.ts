/** All that the dashboard serves, from the outside in: headers, who is asking, then what they get. */
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
import { addGuard, refuse } from './security/guard.ts';
import { addHeaders } from './security/headers.ts';
import { addLogin } from './security/login-page.ts';

interface ServerParts extends ReadParts, ActionParts {
  readonly dashboard: DashboardConfig;
  readonly observer: Observer;
  readonly health: Health;
}

const BODY_BYTES_MAX = 65_536;

/** A browser opens six for a page, and one for its events. */
const BOUNDS = { connectionsMax: 256, requestsPerConnectionMax: 1_000 };

export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const { dashboard, observer, health, logger } = parts;
  const server = fastify({
    logger: false,
    serverFactory: (handler) => createBoundedServer(BOUNDS, handler),
    forceCloseConnections: true,
    // The one proxy says whom it saw; what stands before that in its header, whoever asks may have made up.
    trustProxy: dashboard.trustedProxy && ((_address: string, hop: number) => hop === 0),
    bodyLimit: BODY_BYTES_MAX,
  });
  // Values of Redis and of archives are shown by curl at a terminal, too.
  server.setReplySerializer((payload) => printableJson(JSON.stringify(payload)));
  // What a foreign page can send without asking first.
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

/** What went wrong within is for the log; whoever asked learns only that. */
function addErrors(server: FastifyInstance, logger: Logger): void {
  server.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'there is nothing here'));
  server.setErrorHandler((error, request, reply) => {
    if (isWalqError(error)) {
      const { code, message, hint } = error;
      return reply.code(503).send({ code, message, hint });
    }
    const status = statusOf(error);
    if (status >= 500) logger.error({ err: error, path: request.url }, 'unable to answer');
    return refuse(reply, status, status >= 500 ? 'unable to answer, see the log' : 'bad request');
  });
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status === 'number' && status >= 400) return status;
  return error instanceof Error && error.name === 'ZodError' ? 400 : 500;
}

/** The same as at `metrics.listen`, for a proxy in front that only reaches the page's port. */
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

/** The archive page itself: files that the build has made, the same for everyone. */
async function addPage(server: FastifyInstance): Promise<void> {
  await server.register(files, {
    root: pageRoot,
    // Names of assets change with their contents; the page that names them does not.
    setHeaders: (reply, path) => {
      const isAsset = path.includes('/assets/');
      const lasting = 'public, max-age=31536000, immutable';
      reply.header('cache-control', isAsset ? lasting : 'no-cache');
    },
  });
}
