/** The producer process: one producer per source, woken when the source's watermark moves. */
import {
  announceProducer,
  createProducer,
  createQueueTelemetry,
  type Producer,
  type ProducerRecord,
} from '@walq/archive-queue';
import {
  aborted,
  addRedisMetric,
  addSourceMetrics,
  redisReasons,
  runRole,
  watchSources,
  type Health,
  type RoleFrame,
  type RoleOptions,
  type RoleWork,
  type SourceWatch,
} from '@walq/role';
import { nodeDisk, openStores, trackDisk } from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { keepMarkersSwept } from './sweep-markers.ts';
import { watchSource } from './watch-source.ts';

interface Watched {
  readonly source: ConfiguredSource;
  readonly producer: Producer;
}

const SCAN_INTERVAL_MS = 15_000;

/** Resolves after the signal was aborted, the watermarks written and the connections closed. */
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
      batch: queue.batch,
      logger,
      telemetry,
    }),
  }));
  const watch = watchSources({ sources, storeOf, disk, intervalMs: SCAN_INTERVAL_MS });
  const announcement = announceProducer({
    redis,
    logger,
    version,
    queueName: queue.name,
    describe: () => describeSources(producers, watch),
  });
  // The role stays registered until its last watermarks are written.
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

/** Listing a large archive over a slow network takes less than this; a longer round hangs. */
const ROUND_MAX_MS = 600_000;

const healthOf = (producers: readonly Watched[]): Health => ({
  notReady: () => [
    ...producers.flatMap(({ source, producer }) => {
      const { redis, redisProblem, stopped } = producer.state();
      if (stopped !== undefined) return [`source '${source.name}': ${stopped.message}`];
      return redisReasons(redis, redisProblem).map((why) => `source '${source.name}': ${why}`);
    }),
    ...hanging(producers),
  ],
  unsound: () => hanging(producers)[0],
});

const hanging = (producers: readonly Watched[]): string[] =>
  producers
    .filter(({ producer }) => producer.state().roundMs >= ROUND_MAX_MS)
    .map(
      ({ source }) =>
        `source '${source.name}': a round of its producer has not finished for ten minutes`,
    );

/** The state of the sources, for processes that cannot read their disks. */
const describeSources = (
  producers: readonly Watched[],
  watch: SourceWatch,
): ProducerRecord['sources'] =>
  Object.fromEntries(
    producers.map(({ source, producer }) => {
      const { snapshot, failure, failingSince } = watch.snapshots().get(source.name) ?? {};
      const { stopped: own, stoppedSince } = producer.state();
      const since = own === undefined ? Date.parse(failingSince ?? '') : stoppedSince;
      const stopped = own ?? failure ?? null;
      const stop = { stopped, stoppedSince: Number.isFinite(since) ? (since ?? null) : null };
      return [source.name, { ...stop, figures: snapshot?.figures ?? null }];
    }),
  );
