/** The dashboard process: the queue board and health. It shows; by default it changes nothing. */
import { createObserver, type Observer } from '@walq/archive-queue';
import { listeningPort } from '@walq/role';
import { showAddress, type Config } from '@walq/wal-core';
import type { FastifyInstance } from 'fastify';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { refuseOpenNetwork } from './refuse-open-network.ts';
import { buildServer } from './server.ts';

export interface DashboardOptions {
  /** With `redis`; a role without it does not start. */
  readonly config: Config & { readonly redis: NonNullable<Config['redis']> };
  readonly logger: Logger;
  /** Ends the role. */
  readonly signal: AbortSignal;
  /** Told the page's address once it is served. */
  readonly onListening?: (url: string) => void;
}

export async function runDashboard(options: DashboardOptions): Promise<void> {
  const { config, logger, signal } = options;
  refuseOpenNetwork(config.dashboard.listen);
  const observer = observe(options);
  const server = await buildServer(observer, config.dashboard.readOnly);
  try {
    const url = await listen(server, config);
    logger.info({ url, read_only: config.dashboard.readOnly }, 'dashboard ready');
    options.onListening?.(url);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await server.close();
    observer.close();
    logger.info('dashboard ended');
  }
}

const observe = ({ config, logger }: DashboardOptions): Observer =>
  createObserver({
    redis: config.redis,
    queueName: config.queue.name,
    sources: config.sources.map(({ name }) => name),
    logger,
  });

async function listen(server: FastifyInstance, config: Config): Promise<string> {
  const { host, port } = config.dashboard.listen;
  await server.listen({ host, port });
  return `http://${showAddress({ host, port: listeningPort(server) })}/queues`;
}
