/** The worker process: takes archive jobs and does them, until it is told to end or nothing is left. */
import { createConsumer, type Consumer } from '@walq/archive-queue';
import { serveHealth, type Health, type HealthListener } from '@walq/role';
import {
  createArchiver,
  createThreadPool,
  nodeDisk,
  openStores,
  type Archiver,
  type Config,
} from '@walq/wal-core';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { ActivityLog } from './activity-log.ts';
import { sweepDaily } from './sweep-daily.ts';
import { untilEmpty } from './until-empty.ts';
import type { WorkerResult, WorkerRoleOptions } from './worker-role.ts';

type StoreOf = ReturnType<typeof openStores>;

export async function runWorker(options: WorkerRoleOptions): Promise<WorkerResult> {
  const { config, logger, signal } = options;
  const storeOf = openStores(config.sources, nodeDisk);
  const archiver = newArchiver(options, storeOf);
  const activity = new ActivityLog(logger);
  const consumer = newConsumer(options, storeOf, archiver, activity);
  const sweeping = sweepDaily(
    config.sources.map((source) => [source.name, storeOf(source)]),
    logger,
  );
  let health: HealthListener | undefined;
  try {
    health = await listen(config, consumer);
    await consumer.start();
    logger.info(
      { id: consumer.id, concurrency: archiver.parallelism, health: health?.port },
      'worker ready',
    );
    if (options.untilEmpty) return await untilEmpty({ config, storeOf, logger, signal });
    if (!signal.aborted) await once(signal, 'abort');
    return { quarantined: 0 };
  } finally {
    await consumer.close();
    activity.close();
    await sweeping.stop();
    await archiver.close();
    await health?.close();
    logger.info({ id: consumer.id }, 'worker ended');
  }
}

function newArchiver({ config, concurrency }: WorkerRoleOptions, storeOf: StoreOf): Archiver {
  const parallelism = concurrency ?? config.wal.archiveParallelism;
  return createArchiver({
    disk: nodeDisk,
    threads: createThreadPool({ parallelism }),
    storeOf,
    level: config.compression.level,
    conservative: config.wal.conservativeMode,
    worker: `${hostname()}:${process.pid}`,
  });
}

function newConsumer(
  { config, logger }: WorkerRoleOptions,
  storeOf: StoreOf,
  archiver: Archiver,
  activity: ActivityLog,
): Consumer {
  return createConsumer({
    sources: config.sources.map((source) => ({ source, store: storeOf(source) })),
    archiver,
    redis: config.redis,
    queueName: config.queue.name,
    logger,
    onEvent: (event) => activity.note(event),
  });
}

async function listen(config: Config, consumer: Consumer): Promise<HealthListener | undefined> {
  const address = config.worker.health;
  return address === undefined ? undefined : serveHealth(address, 'worker', healthOf(consumer));
}

const healthOf = (consumer: Consumer): Health => ({
  notReady: () => {
    const { redis, sources } = consumer.state();
    const away = redis === 'ok' ? [] : ['redis is unreachable'];
    const idle = Object.entries(sources).flatMap(([name, { isTaking, holds, stopped }]) =>
      isTaking ? [] : [`source '${name}': ${stopped?.message ?? (holds.join(', ') || 'starting')}`],
    );
    return [...away, ...idle];
  },
});
