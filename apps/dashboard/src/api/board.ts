/**
 * The queue board: bull-board, which shows single jobs. It is always read-only, even where the archive page is not:
 * its actions can obliterate a queue and change or forge jobs.
 */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { jobTitle, type Observer } from '@walq/archive-queue';
import type { FastifyInstance } from 'fastify';
import { pathOf } from '../security/guard.ts';
import { boardPolicy } from '../security/headers.ts';

const BOARD_PATH = '/queues';

/** How often an open board polls Redis, in seconds. */
const POLL_S = 5;

/** The board's page loads fonts from another host, which the content security policy blocks. */
const FOREIGN_STYLES = /<link[^>]+href="https?:[^>]+>/g;

export async function addBoard(
  server: FastifyInstance,
  observer: Pick<Observer, 'openQueues'>,
): Promise<void> {
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(BOARD_PATH);
  const queues = await observer.openQueues();
  createBullBoard({
    queues: queues.map((queue) => {
      const adapter = new BullMQAdapter(queue, { readOnlyMode: true });
      adapter.setFormatter('name', (job: { readonly data?: unknown }) => jobTitle(job.data));
      return adapter;
    }),
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'walq',
        pollingInterval: { forceInterval: POLL_S },
        hideRedisDetails: true,
        miscLinks: [{ text: 'Archive page', url: '/' }],
      },
    },
  });
  await server.register(async (board) => {
    // walq's jobs have no parents. A forged job could have circular ones, which the board would follow for ever.
    board.addHook('onRequest', async (request, reply) => {
      if (!pathOf(request).endsWith('/flow')) return;
      return reply.send({ nodeId: null, flowRoot: null, isFlowNode: false });
    });
    board.addHook('onSend', async (_request, reply, payload) => {
      reply.header('content-security-policy', boardPolicy);
      return typeof payload === 'string' ? payload.replace(FOREIGN_STYLES, '') : payload;
    });
    await board.register(serverAdapter.registerPlugin(), { prefix: BOARD_PATH });
  });
}
