/** The flush side's daemon: one producer for each source, woken when the source's watermark moves. */
import {
  announceProducer,
  createProducer,
  createQueueTelemetry,
  type Producer,
  type QueueTelemetry,
} from '@walq/archive-queue';
import {
  addRedisMetric,
  addSourceMetrics,
  createMetricsRegistry,
  keepPresent,
  serveRole,
  startTracing,
  watchSources,
  type RoleListener,
} from '@walq/role';
import {
  nodeDisk,
  openStores,
  trackDisk,
  type Config,
  type ConfiguredSource,
  type RedisConfig,
} from '@walq/wal-core';
import type { Logger } from 'pino';
import { describeSources } from './describe-sources.ts';
import { healthOf } from './producer-health.ts';
import { keepMarkersSwept } from './sweep-markers.ts';
import { watchSource } from './watch-source.ts';

export interface ProducerRoleOptions {
  /** With `redis`; a role without it does not start. */
  readonly config: Config & { readonly redis: RedisConfig };
  readonly logger: Logger;
  /** Of walq. */
  readonly version: string;
  /** Ends the role. */
  readonly signal: AbortSignal;
}

export interface Watched {
  readonly source: ConfiguredSource;
  readonly producer: Producer;
}

const ROLE = 'producer';
const LOOK_EVERY_MS = 15_000;

/** Resolves when the signal has ended it: watermarks are written and connections closed. */
export async function runProducer(options: ProducerRoleOptions): Promise<void> {
  const { config, logger, signal, version } = options;
  const { sources, redis, queue, metrics } = config;
  const tracing = await startTracing({ ...config, logger, role: ROLE, version });
  const telemetry = tracing && (await createQueueTelemetry(version));
  const disk = trackDisk(nodeDisk);
  const storeOf = openStores(sources, disk);
  const producers = startProducers(options, storeOf, telemetry);
  const watch = watchSources({ sources, storeOf, disk, intervalMs: LOOK_EVERY_MS });
  const announcement = announceProducer({
    redis,
    logger,
    version,
    queueName: queue.name,
    describe: () => describeSources(producers, watch),
  });
  const presence = keepPresent({
    disk: nodeDisk,
    role: ROLE,
    sources,
    logger,
    isServing: ({ name }) => producers.some((one) => one.source.name === name && isServing(one)),
  });
  const registry = createMetricsRegistry({ role: ROLE, version });
  addSourceMetrics(registry, watch);
  addRedisMetric(registry, () => producers.some(({ producer }) => producer.state().redis === 'ok'));
  let listener: RoleListener | undefined;
  try {
    listener = await serveRole({
      ...metrics,
      role: ROLE,
      health: healthOf(producers),
      metrics: registry,
      logger,
    });
    const names = sources.map(({ name }) => name);
    logger.info({ sources: names, metrics: listener.address }, 'producer ready');
    await Promise.all(
      producers.flatMap(({ source, producer }) => [
        watchSource(nodeDisk, source, signal, () => producer.reconcile()),
        keepMarkersSwept({ disk: nodeDisk, source, store: storeOf(source) }, logger, signal),
      ]),
    );
  } finally {
    await presence.stop();
    await Promise.all(producers.map(({ producer }) => producer.close()));
    await watch.stop();
    await announcement.close();
    await listener?.close();
    await tracing?.stop();
    logger.info('producer ended');
  }
}

const isServing = ({ producer }: Watched): boolean => {
  const { redis, stopped } = producer.state();
  return redis === 'ok' && stopped === undefined;
};

function startProducers(
  { config, logger }: ProducerRoleOptions,
  storeOf: ReturnType<typeof openStores>,
  telemetry: QueueTelemetry | undefined,
): readonly Watched[] {
  return config.sources.map((source) => ({
    source,
    producer: createProducer({
      source,
      store: storeOf(source),
      redis: config.redis,
      queueName: config.queue.name,
      logger,
      telemetry,
    }),
  }));
}
