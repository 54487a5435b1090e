/** The worker process: takes and runs archive jobs until its signal is aborted or no due segment is left. */
import { createConsumer, createQueueTelemetry, type Consumer } from '@walq/archive-queue';
import {
  aborted,
  redisReasons,
  runRole,
  type Health,
  type RoleFrame,
  type RoleOptions,
  type RoleWork,
  type Tracing,
} from '@walq/role';
import {
  createArchiver,
  createArchiveThreads,
  describeDictionary,
  describeLevel,
  nodeDisk,
  openStores,
  processName,
  type Archiver,
  type DictionaryEvent,
  type LevelEvent,
} from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import { ActivityLog } from './activity-log.ts';
import { lowerSessionPriority } from './lower-session-priority.ts';
import { sweepDaily } from './sweep-daily.ts';
import { untilEmpty, type WorkerResult } from './until-empty.ts';
import { addConsumerMetrics, WorkerMetrics } from './worker-metrics.ts';

/** When the signal is aborted, unfinished jobs return to the queue after `worker.shutdown_grace`. */
export interface WorkerRoleOptions extends RoleOptions {
  /** How many segments to archive at once. @default `wal.archive_parallelism` */
  readonly concurrency?: number | undefined;
  /**
   * Ends when no due segment is left on the disk; fails with the reason if nothing has progressed for `stallTimeoutMs`.
   * @default works until the signal is aborted
   */
  readonly untilEmpty?: { readonly stallTimeoutMs: number } | undefined;
}

type StoreOf = ReturnType<typeof openStores>;

export async function runWorker(options: WorkerRoleOptions): Promise<WorkerResult> {
  await lowerSessionPriority(options.config.wal.archiveNice, options.logger);
  return runRole('worker', options, (frame) => startWorker(options, frame));
}

async function startWorker(
  options: WorkerRoleOptions,
  { metrics, tracing, onEnd }: RoleFrame,
): Promise<RoleWork<WorkerResult>> {
  const { config, logger, signal, version } = options;
  const { sources, redis, queue, worker } = config;
  const telemetry = tracing && (await createQueueTelemetry(version));
  const storeOf = openStores(sources, nodeDisk);
  const id = processName();
  const archiver = newArchiver({ ...options, id }, storeOf, tracing);
  onEnd(() => archiver.close());
  const sweeping = sweepDaily(
    sources.map((source) => [source.name, storeOf(source)]),
    logger,
  );
  onEnd(() => sweeping.stop());
  const activity = new ActivityLog(logger);
  onEnd(() => activity.close());
  const counting = new WorkerMetrics(
    metrics,
    sources.map(({ name }) => name),
  );
  const consumer = createConsumer({
    sources: sources.map((source) => ({ source, store: storeOf(source) })),
    archiver,
    redis,
    queueName: queue.name,
    id,
    logger,
    version,
    telemetry,
    onEvent: (event) => {
      activity.note(event);
      counting.note(event);
    },
  });
  onEnd(() => consumer.close({ graceMs: worker.shutdownGraceMs }));
  addConsumerMetrics(metrics, consumer);
  return {
    id,
    health: healthOf(consumer),
    isServing: ({ name }) => {
      const { redis: state, sources: states } = consumer.state();
      return state === 'ok' && states[name]?.isTaking === true;
    },
    run: async (address) => {
      await Promise.race([consumer.start(), aborted(signal)]);
      const concurrency = archiver.parallelism;
      logger.info({ id, concurrency, metrics: address }, 'worker ready');
      if (options.untilEmpty !== undefined) {
        const { stallTimeoutMs } = options.untilEmpty;
        return untilEmpty({ ...options, storeOf, telemetry, consumer, stallTimeoutMs });
      }
      await aborted(signal);
      return { quarantined: 0 };
    },
  };
}

function newArchiver(
  { config, concurrency, logger, id }: WorkerRoleOptions & { readonly id: string },
  storeOf: StoreOf,
  tracing: Tracing | undefined,
): Archiver {
  const parallelism = concurrency ?? config.wal.archiveParallelism;
  const archiver = createArchiver({
    disk: nodeDisk,
    threads: createArchiveThreads({ parallelism, nice: config.wal.archiveNice }),
    storeOf,
    level: config.compression.level,
    onLevel: (event) => logLevel(logger, event),
    dictionary: config.compression.dictionary,
    onDictionary: (event) => logDictionary(logger, event),
    conservative: config.wal.conservativeMode,
    worker: id,
    timesSteps: tracing !== undefined,
  });
  return tracing?.withStepSpans(archiver) ?? archiver;
}

function logLevel(logger: Logger, event: LevelEvent): void {
  const write = event.kind === 'level-chosen' ? 'info' : 'warn';
  logger[write](...describeLevel(event));
}

function logDictionary(logger: Logger, event: DictionaryEvent): void {
  const write = event.kind === 'dictionary-used' ? 'info' : 'warn';
  logger[write](...describeDictionary(event));
}

/**
 * A worker without Redis, its archive or its source is not ready, but restarting it would not help. A worker that hangs
 * for no such reason should be restarted.
 */
const healthOf = (consumer: Pick<Consumer, 'state'>): Health => ({
  notReady: () => {
    const { redis, redisProblem, sources, isStuck } = consumer.state();
    const away = redisReasons(redis, redisProblem);
    const stuck = isStuck ? ['there is work, and no segment has progressed for ten minutes'] : [];
    const idle = Object.entries(sources).flatMap(([name, { isTaking, pauseReasons, stopped }]) =>
      isTaking
        ? []
        : [`source '${name}': ${stopped?.message ?? (pauseReasons.join(', ') || 'starting')}`],
    );
    return [...away, ...stuck, ...idle];
  },
  unsound: () => consumer.state().hangs,
});
