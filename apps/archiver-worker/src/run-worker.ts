/** The worker process: takes archive jobs and does them, until it is told to end or nothing is left. */
import {
  createConsumer,
  createQueueTelemetry,
  type Consumer,
  type JobEvent,
  type QueueTelemetry,
} from '@walq/archive-queue';
import {
  createMetricsRegistry,
  keepPresent,
  serveRole,
  startTracing,
  type RoleListener,
  type Tracing,
} from '@walq/role';
import {
  createArchiver,
  createThreadPool,
  describeDictionary,
  describeLevel,
  nodeDisk,
  openStores,
  type Archiver,
  type DictionaryEvent,
  type LevelEvent,
} from '@walq/wal-core';
import { once } from 'node:events';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { ActivityLog } from './activity-log.ts';
import { letSessionGiveWay } from './session-gives-way.ts';
import { sweepDaily } from './sweep-daily.ts';
import { untilEmpty } from './until-empty.ts';
import { healthOf } from './worker-health.ts';
import { addConsumerMetrics, WorkerMetrics } from './worker-metrics.ts';
import type { WorkerResult, WorkerRoleOptions } from './worker-role.ts';

type StoreOf = ReturnType<typeof openStores>;

const ROLE = 'worker';

export async function runWorker(options: WorkerRoleOptions): Promise<WorkerResult> {
  const { config, logger, signal, version } = options;
  const { metrics, telemetry: tracesOf, worker } = config;
  await letSessionGiveWay(config.wal.archiveNice, logger);
  const tracing = await startTracing({ telemetry: tracesOf, logger, role: ROLE, version });
  const telemetry = tracing && (await createQueueTelemetry(version));
  const storeOf = openStores(config.sources, nodeDisk);
  const archiver = newArchiver(options, storeOf, tracing);
  const activity = new ActivityLog(logger);
  const registry = createMetricsRegistry({ role: ROLE, version });
  const counting = new WorkerMetrics(
    registry,
    config.sources.map(({ name }) => name),
  );
  const onEvent = (event: JobEvent): void => {
    activity.note(event);
    counting.note(event);
  };
  const consumer = newConsumer(options, { storeOf, archiver, telemetry, onEvent });
  addConsumerMetrics(registry, consumer);
  const presence = keepPresent({
    disk: nodeDisk,
    role: ROLE,
    sources: config.sources,
    logger,
    isServing: ({ name }) => {
      const { redis, sources } = consumer.state();
      return redis === 'ok' && sources[name]?.isTaking === true;
    },
  });
  const sweeping = sweepDaily(
    config.sources.map((source) => [source.name, storeOf(source)]),
    logger,
  );
  let listener: RoleListener | undefined;
  try {
    listener = await serveRole({
      ...metrics,
      role: ROLE,
      health: healthOf(consumer),
      metrics: registry,
      logger,
    });
    await Promise.race([consumer.start(), aborted(signal)]);
    logger.info(
      { id: consumer.id, concurrency: archiver.parallelism, metrics: listener.address },
      'worker ready',
    );
    if (options.untilEmpty !== undefined) {
      const { stallTimeoutMs } = options.untilEmpty;
      const parts = { config, storeOf, logger, signal, telemetry, consumer, stallTimeoutMs };
      return await untilEmpty(parts);
    }
    await aborted(signal);
    return { quarantined: 0 };
  } finally {
    await presence.stop();
    await consumer.close({ graceMs: worker.shutdownGraceMs });
    activity.close();
    await sweeping.stop();
    await archiver.close();
    await listener?.close();
    await tracing?.stop();
    logger.info({ id: consumer.id }, 'worker ended');
  }
}

const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort');
};

function newArchiver(
  { config, concurrency, logger }: WorkerRoleOptions,
  storeOf: StoreOf,
  tracing: Tracing | undefined,
): Archiver {
  const parallelism = concurrency ?? config.wal.archiveParallelism;
  const archiver = createArchiver({
    disk: nodeDisk,
    threads: createThreadPool({ parallelism, nice: config.wal.archiveNice }),
    storeOf,
    level: config.compression.level,
    onLevel: (event) => logLevel(logger, event),
    dictionary: config.compression.dictionary,
    onDictionary: (event) => logDictionary(logger, event),
    conservative: config.wal.conservativeMode,
    worker: `${hostname()}:${process.pid}`,
    ...(tracing && { onStep: tracing.steps.onStep }),
  });
  return tracing?.steps.around(archiver) ?? archiver;
}

function logLevel(logger: Logger, event: LevelEvent): void {
  const write = event.kind === 'level-chosen' ? 'info' : 'warn';
  logger[write](...describeLevel(event));
}

function logDictionary(logger: Logger, event: DictionaryEvent): void {
  const write = event.kind === 'dictionary-used' ? 'info' : 'warn';
  logger[write](...describeDictionary(event));
}

interface ConsumerParts {
  readonly storeOf: StoreOf;
  readonly archiver: Archiver;
  readonly telemetry: QueueTelemetry | undefined;
  readonly onEvent: (event: JobEvent) => void;
}

function newConsumer(
  { config, logger, version }: WorkerRoleOptions,
  { storeOf, ...parts }: ConsumerParts,
): Consumer {
  return createConsumer({
    sources: config.sources.map((source) => ({ source, store: storeOf(source) })),
    redis: config.redis,
    queueName: config.queue.name,
    logger,
    version,
    ...parts,
  });
}
