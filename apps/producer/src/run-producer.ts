/** The flush side's daemon: one producer for each source, woken when the source's watermark moves. */
import {
  announceProducer,
  createProducer,
  createQueueTelemetry,
  type Producer,
} from '@walq/archive-queue';
import {
  aborted,
  addRedisMetric,
  addSourceMetrics,
  runRole,
  watchSources,
  type RoleFrame,
  type RoleOptions,
  type RoleWork,
} from '@walq/role';
import { nodeDisk, openStores, trackDisk } from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { describeSources } from './describe-sources.ts';
import { healthOf } from './producer-health.ts';
import { keepMarkersSwept } from './sweep-markers.ts';
import { watchSource } from './watch-source.ts';

export interface Watched {
  readonly source: ConfiguredSource;
  readonly producer: Producer;
}

const LOOK_EVERY_MS = 15_000;

/** Resolves when the signal has ended it: watermarks are written and connections closed. */
export const runProducer = (options: RoleOptions): Promise<void> =>
  runRole('producer', options, (frame) => startProducers(options, frame));

async function startProducers(
  { config, logger, signal, version }: RoleOptions,
  { metrics, tracing, onEnd }: RoleFrame,
): Promise<RoleWork<void>> {
  const { sources, redis, queue } = config;
  const telemetry = tracing && (await createQueueTelemetry(version));
  const disk = trackDisk(nodeDisk);
  const storeOf = openStores(sources, disk);
  const producers = sources.map((source) => ({
    source,
    producer: createProducer({
      source,
      store: storeOf(source),
      redis,
      queueName: queue.name,
      logger,
      telemetry,
    }),
  }));
  const watch = watchSources({ sources, storeOf, disk, intervalMs: LOOK_EVERY_MS });
  const announcement = announceProducer({
    redis,
    logger,
    version,
    queueName: queue.name,
    describe: () => describeSources(producers, watch),
  });
  // Listed until its last watermarks are written.
  onEnd(() => announcement.close());
  onEnd(() => watch.stop());
  onEnd(async () => void (await Promise.all(producers.map(({ producer }) => producer.close()))));
  for (const { source, producer } of producers) {
    const place = { disk: nodeDisk, source, store: storeOf(source) };
    onEnd(watchSource(nodeDisk, source, () => producer.reconcile()));
    onEnd(keepMarkersSwept(place, logger));
  }
  addSourceMetrics(metrics, watch);
  addRedisMetric(metrics, () => producers.some(({ producer }) => producer.state().redis === 'ok'));
  return {
    health: healthOf(producers),
    isServing: ({ name }) => producers.some((one) => one.source.name === name && isServing(one)),
    run: async (address) => {
      const names = sources.map(({ name }) => name);
      logger.info({ sources: names, metrics: address }, 'producer ready');
      await aborted(signal);
    },
  };
}

const isServing = ({ producer }: Watched): boolean => {
  const { redis, stopped } = producer.state();
  return redis === 'ok' && stopped === undefined;
};
