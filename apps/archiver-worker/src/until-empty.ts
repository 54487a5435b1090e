/** `walq worker --until-empty`: keeps the queue filled itself, and ends when the disk has nothing due left. */
import {
  createProducer,
  type Consumer,
  type Producer,
  type QueueTelemetry,
} from '@walq/archive-queue';
import {
  createDueView,
  isWalqError,
  listQuarantine,
  nodeDisk,
  openSource,
  type ArchiveStore,
  type ConfiguredSource,
  type DueView,
} from '@walq/wal-core';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { StallWatch } from './stall-watch.ts';
import type { WorkerResult, WorkerRoleOptions } from './worker-role.ts';

interface UntilEmptyOptions extends Pick<WorkerRoleOptions, 'config' | 'signal'> {
  readonly storeOf: (source: ConfiguredSource) => ArchiveStore;
  readonly logger: Logger;
  readonly telemetry: QueueTelemetry | undefined;
  readonly consumer: Pick<Consumer, 'state' | 'failures'>;
  /** How long nothing may move. */
  readonly stallTimeoutMs: number;
}

const LOOK_EVERY_MS = 200;

export async function untilEmpty(options: UntilEmptyOptions): Promise<WorkerResult> {
  const { config, consumer, stallTimeoutMs } = options;
  const stall = new StallWatch({ consumer, timeoutMs: stallTimeoutMs });
  const producers = config.sources.map((source) => produce(options, source));
  try {
    for (const source of config.sources) await drained(options, source, stall);
    return { quarantined: await countQuarantined(options) };
  } finally {
    await Promise.all(producers.map((producer) => producer.close()));
  }
}

function produce(
  { config, storeOf, logger, telemetry }: UntilEmptyOptions,
  source: ConfiguredSource,
): Producer {
  const { redis, queue } = config;
  return createProducer({
    source,
    store: storeOf(source),
    redis,
    queueName: queue.name,
    logger,
    telemetry,
  });
}

/**
 * Resolves when nothing of the source is due, or the signal is aborted.
 *
 * @throws WalqError what no waiting changes; `timed-out` with the reason when nothing has moved for too long
 */
async function drained(
  { storeOf, signal }: UntilEmptyOptions,
  source: ConfiguredSource,
  stall: StallWatch,
): Promise<void> {
  let view: DueView | undefined;
  while (!signal.aborted) {
    try {
      view ??= await viewOf(source, storeOf(source));
      const { dueCount } = await view.scan(1);
      if (dueCount === 0) return;
      stall.note(source.name, dueCount);
    } catch (error) {
      // A source or an archive that is away for now may have something due.
      if (!isWalqError(error) || error.class !== 'retryable') throw error;
      view = undefined;
      stall.note(source.name, error);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function viewOf(source: ConfiguredSource, store: ArchiveStore): Promise<DueView> {
  const open = await openSource({ disk: nodeDisk, source, store, mayIntroduce: true });
  return createDueView(nodeDisk, open);
}

async function countQuarantined({ config, storeOf }: UntilEmptyOptions): Promise<number> {
  const lists = config.sources.map((source) => listQuarantine(storeOf(source), source.name));
  return (await Promise.all(lists)).reduce((sum, records) => sum + records.length, 0);
}
