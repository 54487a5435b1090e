/** The queue board: bull-board, for those who want to see single jobs. */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Observer } from '@walq/archive-queue';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { isWrite, pathOf } from '../security/guard.ts';
import { boardPolicy } from '../security/headers.ts';

export interface BoardParts {
  readonly observer: Observer;
  readonly logger: Logger;
  readonly readOnlyMode: boolean;
}

const BOARD_PATH = '/queues';

/** How often an open board asks Redis, in seconds. */
const POLL_S = 5;

/** The board's page asks another host for fonts, which the policy refuses: better not to ask. */
const FOREIGN_STYLES = /<link[^>]+href="https?:[^>]+>/g;

export async function addBoard(
  server: FastifyInstance,
  { observer, logger, readOnlyMode }: BoardParts,
): Promise<void> {
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
        miscLinks: [{ text: 'Archive page', url: '/' }],
      },
    },
  });
  await server.register(async (board) => {
    board.addHook('onResponse', async (request, reply) => {
      if (isWrite(request)) logger.info(writtenBy(request, reply), 'queue board used');
    });
    board.addHook('onSend', async (_request, reply, payload) => {
      reply.header('content-security-policy', boardPolicy);
      return typeof payload === 'string' ? payload.replace(FOREIGN_STYLES, '') : payload;
    });
    await board.register(serverAdapter.registerPlugin(), { prefix: BOARD_PATH });
  });
}

/** The board has actions of its own: who did what is told of them as well, and whether it was done. */
const writtenBy = (request: FastifyRequest, { statusCode: status }: FastifyReply) => ({
  action: `${request.method} ${pathOf(request)}`,
  who: request.user,
  from: request.ip,
  status,
});
