/** The flush side's daemon: one producer for each source, woken when the source's watermark moves. */
import { createProducer, type Producer } from '@walq/archive-queue';
import { serveHealth, type Health, type HealthListener } from '@walq/role';
import { nodeDisk, openStores, type Config, type ConfiguredSource } from '@walq/wal-core';
import type { Logger } from 'pino';
import { watchSource } from './watch-source.ts';

export interface ProducerRoleOptions {
  /** With `redis`; a role without it does not start. */
  readonly config: Config & { readonly redis: NonNullable<Config['redis']> };
  readonly logger: Logger;
  /** Ends the role. */
  readonly signal: AbortSignal;
}

interface Watched {
  readonly source: ConfiguredSource;
  readonly producer: Producer;
}

/** Resolves when the signal has ended it: watermarks are written and connections closed. */
export async function runProducer(options: ProducerRoleOptions): Promise<void> {
  const { config, logger, signal } = options;
  const producers = startProducers(options);
  let health: HealthListener | undefined;
  try {
    health = await listen(config, producers);
    logger.info(
      { sources: config.sources.map(({ name }) => name), health: health?.port },
      'producer ready',
    );
    await Promise.all(
      producers.map(({ source, producer }) =>
        watchSource(nodeDisk, source, signal, () => producer.reconcile()),
      ),
    );
  } finally {
    await Promise.all(producers.map(({ producer }) => producer.close()));
    await health?.close();
    logger.info('producer ended');
  }
}

function startProducers({ config, logger }: ProducerRoleOptions): readonly Watched[] {
  const storeOf = openStores(config.sources, nodeDisk);
  return config.sources.map((source) => ({
    source,
    producer: createProducer({
      source,
      store: storeOf(source),
      redis: config.redis,
      queueName: config.queue.name,
      logger,
    }),
  }));
}

async function listen(
  config: Config,
  producers: readonly Watched[],
): Promise<HealthListener | undefined> {
  const address = config.producer.health;
  return address === undefined ? undefined : serveHealth(address, 'producer', healthOf(producers));
}

const healthOf = (producers: readonly Watched[]): Health => ({
  notReady: () =>
    producers.flatMap(({ source, producer }) => {
      const { redis, stopped } = producer.state();
      if (stopped !== undefined) return [`source '${source.name}': ${stopped.message}`];
      return redis === 'ok' ? [] : [`source '${source.name}': redis is unreachable`];
    }),
});
