import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Observer } from '@walq/archive-queue';
import { fastify, type FastifyInstance } from 'fastify';

const BOARD_PATH = '/queues';

/** How often an open page asks Redis, in seconds. */
const POLL_S = 5;

export async function buildServer(observer: Observer, readOnly: boolean): Promise<FastifyInstance> {
  const server = fastify({ logger: false, forceCloseConnections: true });
  await server.register(board(observer, readOnly).registerPlugin(), { prefix: BOARD_PATH });
  server.get('/', async (_request, reply) => reply.redirect(BOARD_PATH));
  server.get('/healthz', async () => ({ role: 'dashboard', ok: true }));
  server.get('/readyz', async (_request, reply) => {
    const redis = await observer.redisState();
    const ready = redis === 'ok';
    return reply.code(ready ? 200 : 503).send({ role: 'dashboard', ready, redis });
  });
  server.addHook('onSend', async (_request, reply) => {
    reply.headers({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
  });
  return server;
}

function board(observer: Observer, readOnlyMode: boolean): FastifyAdapter {
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: observer.openQueues().map((queue) => new BullMQAdapter(queue, { readOnlyMode })),
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'walq',
        pollingInterval: { forceInterval: POLL_S },
        hideRedisDetails: true,
      },
    },
  });
  return serverAdapter;
}
