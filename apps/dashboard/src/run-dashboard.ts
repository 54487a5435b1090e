/** The dashboard process: the archive page, the queue board, metrics and health. By default it changes nothing. */
import { createObserver, createOperator } from '@walq/archive-queue';
import {
  listeningPort,
  redisReasons,
  serveRole,
  watchSources,
  type Health,
  type RoleListener,
} from '@walq/role';
import { nodeDisk, openStores, trackDisk } from '@walq/wal-core/internal';
import { showAddress, type ConfigWith, type RedisConfig } from '@walq/config';
import type { FastifyInstance } from 'fastify';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { EventStream } from './api/event-stream.ts';
import { dashboardMetrics } from './dashboard-metrics.ts';
import { QueueWatch } from './monitor/queue-watch.ts';
import { assertKnowsWhoAsks } from './security/credentials.ts';
import { buildServer } from './server.ts';
import { CurrentState } from './state/current-state.ts';

export interface DashboardOptions {
  /** With `redis`; a role without it does not start. */
  readonly config: ConfigWith<'dashboard'> & { readonly redis: RedisConfig };
  readonly logger: Logger;
  /** Of walq. */
  readonly version: string;
  /** Ends the role. */
  readonly signal: AbortSignal;
  /** Told the page's address once it is served. */
  readonly onListening?: (url: string) => void;
}

const LOOK_EVERY_MS = 5_000;
/** How often Redis is asked while somebody watches, and else. */
const WATCHED_MS = 2_000;
const UNWATCHED_MS = 10_000;

export async function runDashboard(options: DashboardOptions): Promise<void> {
  const { config, logger, signal, version } = options;
  assertKnowsWhoAsks(config.dashboard);
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

/** Every question to Redis has a deadline of seconds. */
const LOOK_MAX_MS = 120_000;

function healthOf(queues: QueueWatch): Health {
  const hangs = (): string | undefined =>
    queues.lookMs >= LOOK_MAX_MS ? 'the look at the queues does not come to an end' : undefined;
  return {
    notReady: () => {
      const { redis, failure } = queues.sight;
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
  // An outage is told by the observer, which asks all the time.
  const operator = createOperator({ ...redis, logger: logger.child({}, { level: 'silent' }) });
  const disk = trackDisk(nodeDisk);
  const storeOf = openStores(config.sources, disk);
  const events = new EventStream();
  const tell = (): void => {
    current.note();
    if (events.readerCount > 0) events.send(JSON.stringify(current.get()));
  };
  const watch = watchSources({
    sources: config.sources,
    storeOf,
    disk,
    intervalMs: LOOK_EVERY_MS,
    onSnapshot: () => current.note(),
  });
  const queues = new QueueWatch({
    observer,
    sources: names,
    intervalMs: () => (events.readerCount > 0 ? WATCHED_MS : UNWATCHED_MS),
    onSight: tell,
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
    onDone: () => queues.askNow(),
  };
}

async function listen(server: FastifyInstance, config: ConfigWith<'dashboard'>): Promise<string> {
  const { host, port } = config.dashboard.listen;
  await server.listen({ host, port });
  return `http://${showAddress({ host, port: listeningPort(server) })}/`;
}
