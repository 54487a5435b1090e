/** `walq worker --until-empty`: keeps the queue filled itself, and ends when the disk has nothing due left. */
import { createProducer, type QueueTelemetry } from '@walq/archive-queue';
import type { RoleOptions } from '@walq/role';
import {
  createDueView,
  isWalqError,
  listQuarantine,
  nodeDisk,
  openSource,
  type ArchiveStore,
  type DueView,
} from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StallWatch } from './stall-watch.ts';

export interface WorkerResult {
  /** Segments in quarantine when the work ended; 0 where nobody asked for an empty backlog. */
  readonly quarantined: number;
}

export interface Emptying extends Pick<RoleOptions, 'config' | 'logger' | 'signal'> {
  readonly storeOf: (source: ConfiguredSource) => ArchiveStore;
  readonly telemetry: QueueTelemetry | undefined;
  readonly stall: StallWatch;
}

const LOOK_EVERY_MS = 200;

export async function untilEmpty(emptying: Emptying): Promise<WorkerResult> {
  const { config, logger, storeOf, telemetry } = emptying;
  const { sources, redis, queue } = config;
  const producers = sources.map((source) =>
    createProducer({
      source,
      store: storeOf(source),
      redis,
      queueName: queue.name,
      logger,
      telemetry,
    }),
  );
  try {
    for (const source of sources) await drained(emptying, source);
    return { quarantined: await countQuarantined(emptying) };
  } finally {
    await Promise.all(producers.map((producer) => producer.close()));
  }
}

/**
 * Resolves when nothing of the source is due, or the signal is aborted.
 *
 * @throws WalqError what no waiting changes; `timed-out` with the reason when nothing has moved for too long
 */
async function drained(
  { storeOf, signal, stall }: Emptying,
  source: ConfiguredSource,
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

async function countQuarantined({ config, storeOf }: Emptying): Promise<number> {
  const lists = config.sources.map((source) => listQuarantine(storeOf(source), source.name));
  return (await Promise.all(lists)).reduce((sum, records) => sum + records.length, 0);
}
