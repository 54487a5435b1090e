/** The dashboard process: archive page, queue board, metrics and health. Read-only by default. */
import { createObserver, createOperator } from '@walq/archive-queue';
import {
  listeningPort,
  redisReasons,
  serveRole,
  watchSources,
  type Health,
  type RoleListener,
} from '@walq/role';
import { nodeDisk, openStores, showSpan, trackDisk } from '@walq/wal-core/internal';
import { showAddress, type ConfigWith, type RedisConfig } from '@walq/config';
import type { FastifyInstance } from 'fastify';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { EventStream } from './api/event-stream.ts';
import { dashboardMetrics } from './dashboard-metrics.ts';
import { QueueWatch } from './monitor/queue-watch.ts';
import { assertAuthenticationConfigured } from './security/credentials.ts';
import { buildServer } from './server.ts';
import { CurrentState } from './state/current-state.ts';

export interface DashboardOptions {
  readonly config: ConfigWith<'dashboard'> & { readonly redis: RedisConfig };
  readonly logger: Logger;
  /** walq's version. */
  readonly version: string;
  /** Stops the dashboard. */
  readonly signal: AbortSignal;
  /** Called with the page's address once the server accepts requests. */
  readonly onListening?: (url: string) => void;
}

const SCAN_INTERVAL_MS = 5_000;
/** How often Redis is polled while a browser shows the page. */
const POLL_INTERVAL_MS = 2_000;
/** How often Redis is polled while no browser shows the page. */
const IDLE_POLL_INTERVAL_MS = 10_000;

export async function runDashboard(options: DashboardOptions): Promise<void> {
  const { config, logger, signal, version } = options;
  assertAuthenticationConfigured(config.dashboard);
  const parts = assemble(options);
  const server = await buildServer(parts);
  let listener: RoleListener | undefined;
  try {
    listener = await serveRole({
      ...config.metrics,
      role: 'dashboard',
      health: parts.health,
      metrics: dashboardMetrics(version, parts.watch, parts.queues),
      logger,
    });
    const url = await listen(server, config);
    const { readOnly } = config.dashboard;
    const { address } = listener;
    logger.info({ url, read_only: readOnly, metrics: address }, 'dashboard ready');
    options.onListening?.(url);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    parts.events.close();
    await server.close();
    parts.queues.stop();
    parts.watch.stop();
    parts.observer.close();
    parts.operator.close();
    await listener?.close();
    logger.info('dashboard ended');
  }
}

/** Each call to Redis has a deadline of a few seconds, so a poll that takes this long hangs. */
const POLL_MAX_MS = 120_000;

function healthOf(queues: QueueWatch): Health {
  const hangs = (): string | undefined =>
    queues.pollMs >= POLL_MAX_MS
      ? `polling the queues has not finished for ${showSpan(queues.pollMs)}`
      : undefined;
  return {
    notReady: () => {
      const { redis, failure } = queues.latest;
      const hanging = hangs();
      return [
        ...redisReasons(redis, failure?.message),
        ...(hanging === undefined ? [] : [hanging]),
      ];
    },
    unsound: hangs,
  };
}

function assemble({ config, logger, version }: DashboardOptions) {
  const names = config.sources.map(({ name }) => name);
  const redis = { redis: config.redis, queueName: config.queue.name, sources: names, logger };
  const observer = createObserver(redis);
  // The observer polls Redis all the time and logs outages; the operator does not repeat them.
  const operator = createOperator({ ...redis, logger: logger.child({}, { level: 'silent' }) });
  const disk = trackDisk(nodeDisk);
  const storeOf = openStores(config.sources, disk);
  const events = new EventStream();
  const publish = (): void => {
    current.record();
    if (events.readerCount > 0) events.send(JSON.stringify(current.get()));
  };
  const watch = watchSources({
    sources: config.sources,
    storeOf,
    disk,
    intervalMs: SCAN_INTERVAL_MS,
    onSnapshot: () => current.record(),
  });
  const queues = new QueueWatch({
    observer,
    sources: names,
    intervalMs: () => (events.readerCount > 0 ? POLL_INTERVAL_MS : IDLE_POLL_INTERVAL_MS),
    onSnapshot: publish,
  });
  const { readOnly } = config.dashboard;
  const current = new CurrentState({ sources: names, watch, queues, version, readOnly });
  return {
    dashboard: config.dashboard,
    sources: config.sources,
    logger,
    health: healthOf(queues),
    observer,
    operator,
    storeOf,
    events,
    watch,
    queues,
    current,
    onDone: () => queues.pollNow(),
  };
}

async function listen(server: FastifyInstance, config: ConfigWith<'dashboard'>): Promise<string> {
  const { host, port } = config.dashboard.listen;
  await server.listen({ host, port });
  return `http://${showAddress({ host, port: listeningPort(server) })}/`;
}
